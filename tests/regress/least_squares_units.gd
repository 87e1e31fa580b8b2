# least squares with parameters of very different units: columns of the Jacobian 1e18 apart
let x = [1, 2, 3, 4, 5]
let y = 2 + 0.3 * x
var p = (1e-10, 1e8)
let r = descend p using lm() for 50 { p[0] * 1e10 + p[1] * 1e-9 * x - y }
print(p[0] * 1e10)   # expect~ 2 1e-12
print(p[1])          # expect~ 3e8 1e-12
var q = (1e-10, 1e8)
let s = descend q using gauss_newton() for 50 { q[0] * 1e10 + q[1] * 1e-9 * x - y }
print(q[0] * 1e10)   # expect~ 2 1e-12
print(q[1])          # expect~ 3e8 1e-12
# an lm kept in a var is for targets of one size
var opt = lm()
descend p using opt for 1 { p[0] * 1e10 + p[1] * 1e-9 * x - y }
var z = 1
print(try { descend z using opt for 1 { z - x } } catch e { e.code })   # expect: E0312
