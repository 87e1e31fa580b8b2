# quantile(x, q), linear between neighbours
# source: NumPy 1.24.2, SciPy 1.10.1
let x = [3, 1, 4, 1, 5, 9]
print(quantile(x, 0))  # expect: 1
print(quantile(x, 0.25))
# expect~ 1.5 1e-12
print(quantile(x, 0.5))
# expect~ 3.5 1e-12
print(quantile(x, 0.9))  # expect: 7
print(quantile(x, 1))  # expect: 9
print(quantile([7], 0.3))  # expect: 7
let A = [[3, -1, 2], [0.5, 4, -2]]
print((v for v in quantile(A, 0.25, axis: 1)))
# expect~ (0.5, -0.75) 1e-12
