# `for 0` takes no step, as a source without items does
var w = 3
let a = descend w using gd(lr: 0.5) for 0 { w^2 }
print(a.steps, a.why, w)  # expect: 0 for 3
let b = descend w over x in () using adam() { w * x }
print(b.steps, b.why, w)  # expect: 0 over 3
let c = descend w using lm() for 0 { [w, 2 * w] }
print(c.steps, w)         # expect: 0 3
descend w using gd(lr: 0.1) for -1 { w^2 }  # expect error: E0210
