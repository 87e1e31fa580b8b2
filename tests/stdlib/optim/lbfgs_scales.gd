# curvatures of 1e12 beside 1: Brown's badly scaled function, Powell's badly scaled function
# source: Moré, Garbow, Hillstrom 1981, problems 4 and 3
var b = [1, 1]
let r = descend b using lbfgs() for 200 { (b[0] - 1e6)^2 + (b[1] - 2e-6)^2 + (b[0] * b[1] - 2)^2 }
print(b[0], b[1])   # expect~ 1000000 2e-6 1e-12
print(r.steps < 60)   # expect: true
var p = [0, 1]
let s = descend p using lbfgs() for 500 { (1e4 * p[0] * p[1] - 1)^2 + (exp(-p[0]) + exp(-p[1]) - 1.0001)^2 }
print(p[0], p[1])   # expect~ 1.0981593297e-5 9.1061467399 1e-8
print(s.steps < 400)   # expect: true
