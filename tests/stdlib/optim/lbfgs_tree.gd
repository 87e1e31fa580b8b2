# works on a tree, and a number stays a number
var p = (a: [0, 0], b: 0)
let r = descend p using lbfgs() for 100 { sum((p.a - [1, 2]) ^ 2) + (p.b - 3) ^ 4 + (p.b - 3) ^ 2 }
print((...(v for v in p.a), p.b))  # expect~ (1, 2, 3) 1e-5
print(type(p.b)) # expect: number
