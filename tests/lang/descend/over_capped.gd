# `for` caps `over`
var w = 0
let r = descend w over x in (1, 2, 3, 4) using gd(lr: 1) for 2 { -w * x }
print(w, r.steps)        # expect: 3 2
