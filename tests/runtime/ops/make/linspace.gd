# linspace(a, b, n): both ends are in
# source: NumPy 1.24.2, SciPy 1.10.1
print((v for v in linspace(0, 1, 5)))
# expect~ (0, 0.25, 0.5, 0.75, 1) 1e-12
print(linspace(1, -1, 3))  # expect: [1, 0, -1]
print(linspace(2, 9, 1))  # expect: [2]
print((v for v in linspace(0, 0.3, 4)))
# expect~ (0, 0.09999999999999999, 0.19999999999999998, 0.3) 1e-12
print(linspace(0, 1, 7)[6])  # expect: 1
