# a source without items takes no step and is no error
var w = 1
let r = descend w over x in () using gd(lr: 1) { w * x }
print(r.steps, r.why, len(r.losses), w)   # expect: 0 over 0 1
let q = descend w over x in [2, 3] using gd(lr: 0.1) { w * x }
print(q.steps, q.why, q.losses)           # expect: 2 over [2, 2.4]
