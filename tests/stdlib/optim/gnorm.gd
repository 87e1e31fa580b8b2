# gnorm is the norm of the gradient over all leaves
var w = [3, 4]
let r = descend w using gd(lr: 0) for 1 { sum(w ^ 2) / 2 }
print(r.gnorm)   # expect~ 5 1e-12
var u = [3, 4]
let q = descend u using lm() for 1 { u * 1 }
print(q.steps)   # expect: 1
