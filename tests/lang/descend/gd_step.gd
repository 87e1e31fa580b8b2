# w - lr dL/dw
var w = 3
let r = descend w using gd(lr: 0.1) for 1 { w ^ 2 }
print(w)           # expect~ 2.4 1e-14
print(r.steps)     # expect: 1
print(type(w))     # expect: number
