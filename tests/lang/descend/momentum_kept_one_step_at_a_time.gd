# one descend of three steps is three of one step with the optimiser held
var o = sgd(lr: 0.1, momentum: 0.9)
var w = [1, 2]
for i in 0..3 { descend w using o for 1 { sum(w ^ 2) } }
var v = [1, 2]
descend v using sgd(lr: 0.1, momentum: 0.9) for 3 { sum(v ^ 2) }
print(all(v == w))   # expect: true
