# an optimiser that can go no further ends the statement, which is no error
var w = 3
let r = descend w using lbfgs() for 1000 { (w - 1) ^ 2 }
print(r.why, r.steps < 1000)  # expect: stalled true
print(w)                      # expect~ 1 1e-8
var v = [1, 2]
let q = descend v using lm() for 1000 { v }
print(q.why)                  # expect: stalled
