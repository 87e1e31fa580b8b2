# for a linear fit one Gauss-Newton step is the solution: slope 0.6, intercept 1.1
let x = [0, 1, 2, 3]
let y = [1, 2, 2, 3]
var a = 0
var b = 0
descend a, b using gauss_newton() for 5 { a * x + b - y }
print(a, b)   # expect~ 0.6 1.1 1e-8
