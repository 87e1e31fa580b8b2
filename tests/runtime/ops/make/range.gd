# range(a, b, step)
# source: NumPy 1.24.2, SciPy 1.10.1
print(range(0, 5))  # expect: [0, 1, 2, 3, 4]
print(range(2, 10, 3))  # expect: [2, 5, 8]
print(range(5, 0, -2))  # expect: [5, 3, 1]
print((v for v in range(0, 1, 0.25)))
# expect~ (0, 0.25, 0.5, 0.75) 1e-12
print(range(3, 3).shape)  # expect: (0,)
print(range(0, 3).dtype)  # expect: f64
