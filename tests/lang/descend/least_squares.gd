# a tensor of residuals for lm; loss is half the sum of squares
let xs = [0, 1, 2, 3, 4]
let ys = [2 * exp(-0.5 * x) for x in xs]
var p = (a: 1, b: 0)
let r = descend p using lm() for 100 { p.a * exp(p.b * xs) - ys }
print(p.a)   # expect~ 2 1e-6
print(p.b)   # expect~ -0.5 1e-6
print(r.loss < 1e-12)  # expect: true
