# an optimiser held in a var keeps its state from one descend to the next
var w = [3, 4]
var o = adam(lr: 0.1)
descend w using o for 5 { sum(w ^ 4) }
descend w using o for 5 { sum(w ^ 4) }
var v = [3, 4]
descend v using adam(lr: 0.1) for 10 { sum(v ^ 4) }
print(all(v == w))   # expect: true
var u = [3, 4]
descend u using adam(lr: 0.1) for 5 { sum(u ^ 4) }
descend u using adam(lr: 0.1) for 5 { sum(u ^ 4) }
print(all(u == w))   # expect: false
