# powers at the corners of their domain
# source: NumPy 1.24.2, SciPy 1.10.1
print([-2, -2, 0, 0, 4] ^ [2, 3, 0, 2, 0.5])  # expect: [4, -8, 1, 0, 2]
print((v for v in [-8] ^ (1 / 3)))
# expect~ (nan,) 1e-12
print([2, 3] as i64 ^ 3)  # expect: [8, 27]
print((v for v in [2] ^ [-1]))
# expect~ (0.5,) 1e-12
print((v for v in [1 / 0, 0] ^ [0, -1]))
# expect~ (1, inf) 1e-12
