# the block's value is the loss: one number
var w = [1, 2]
print(try { descend w using gd(lr: 1) for 1 { w * 2 } } catch e { e.code })           # expect: E0225
print(try { descend w using gd(lr: 1) for 1 { (sum(w), 1) } } catch e { e.code })     # expect: E0225
print(try { descend w using gd(lr: 1) for 1 { sum(w) > 0 } } catch e { e.code })      # expect: E0225
print(try { descend w using gd(lr: 1) for 1 { let x = sum(w) } } catch e { e.code })  # expect: E0225
print(try { descend w using lm() for 1 { sum(w) } } catch e { e.code })               # expect: E0313
print(try { descend w using lm() for 1 { w[0:0] } } catch e { e.code })               # expect: E0313
print(w)                                                                              # expect: [1, 2]
