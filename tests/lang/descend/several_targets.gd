var w = [1, 1]
var b = 2
let r = descend w, b using gd(lr: 0.5) for 1 { sum(w) * 2 + b ^ 2 }
print(w, b)        # expect: [0, 0] 0
var u = 1
var v = 1
descend (u, v) using gd(lr: 1) for 3 { u + 2 * v }
print(u, v)        # expect: -2 -5
