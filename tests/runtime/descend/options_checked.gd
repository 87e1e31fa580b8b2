# `for`, `every`, `over` and `using` say what they take; nothing has moved then
var w = 1
fn what(f) = try { f() } catch e { e.code }
print(try { descend w using gd(lr: 1) for -1 { w } } catch e { e.code })             # expect: E0210
print(try { descend w using gd(lr: 1) for 1.5 { w } } catch e { e.code })           # expect: E0210
print(try { descend w using gd(lr: 1) for "3" { w } } catch e { e.code })           # expect: E0210
print(try { descend w using gd(lr: 1) for 2 { w } watch every 0 { nil } } catch e { e.code })   # expect: E0210
print(try { descend w over x in 3 using gd(lr: 1) { w } } catch e { e.code })       # expect: E0201
print(try { descend w using gd for 2 { w } } catch e { e.code })                    # expect: E0313
print(try { descend w using clip_norm(1) for 2 { w } } catch e { e.code })          # expect: E0313
print(try { descend w using gd(lr: 1), adam() for 2 { w } } catch e { e.code })     # expect: E0313
print(try { descend w using gd(lr: 1), (x -> x) for 2 { w } } catch e { e.code })   # expect: E0313
print(w)                                                                            # expect: 1
