# a loss without a path to what is trained is an error that says so and names the target
var w = 1
var u = 2
let early = () -> w
print(try { descend w using gd(lr: 1) for 1 { u ^ 2 } } catch e { "{e.code}: {e.message}" })   # expect: E0310: the loss does not depend on w
print(try { descend w using gd(lr: 1) for 1 { early() ^ 2 } } catch e { e.code })              # expect: E0310
print(try { descend w using gd(lr: 1) for 1 { stop_gradient(w) ^ 2 } } catch e { e.code })     # expect: E0310
print(try { descend w using gd(lr: 1) for 1 { floor(w) } } catch e { e.code })                 # expect: E0310
descend w, u using gd(lr: 0.25) for 1 { w ^ 2 }    # one of several is enough
print(w, u)                                        # expect: 0.5 2
