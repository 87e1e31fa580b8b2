# against the normal equations, by hand: slope 0.6, intercept 1.1 for these four points
let x = [0, 1, 2, 3]
let y = [1, 2, 2, 3]
var m = (a: 0, b: 0)
let r = descend m using lbfgs() for 100 { mean((m.a * x + m.b - y) ^ 2) }
print(m.a)   # expect~ 0.6 1e-6
print(m.b)   # expect~ 1.1 1e-6
