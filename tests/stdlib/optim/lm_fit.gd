# Misra1a of NIST's Statistical Reference Datasets: certified b1 = 238.94212918, b2 = 5.5015643181e-4, from start 1
# source: https://www.itl.nist.gov/div898/strd/nls/data/misra1a.shtml
let y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78]
let x = [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0]
var b = (b1: 500, b2: 0.0001)
let r = descend b using lm() for 200 { b.b1 * (1 - exp(-b.b2 * x)) - y }
print(b.b1, b.b2)   # expect~ 238.94212918 5.5015643181e-4 1e-7
print(2 * r.loss)   # expect~ 0.12455138894 1e-9
print(r.why)        # expect: stalled
var c = (b1: 250, b2: 0.0005)
descend c using gauss_newton() for 50 { c.b1 * (1 - exp(-c.b2 * x)) - y }
print(c.b1, c.b2)   # expect~ 238.94212918 5.5015643181e-4 1e-7
