# Rosenbrock as least squares: residuals (1 - x, 10 (y - x^2)); minimum (1, 1)
var p = [-1.2, 1]
let r = descend p using lm() for 100 { [1 - p[0], 10 * (p[1] - p[0] ^ 2)] }
print((v for v in p))  # expect~ (1, 1) 1e-6
print(r.loss < 1e-12)   # expect: true
