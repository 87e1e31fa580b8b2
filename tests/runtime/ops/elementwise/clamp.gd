# clamp(x, lo, hi)
# source: NumPy 1.24.2, SciPy 1.10.1
print((v for v in clamp([-2, 0.5, 3, 1], 0, 1)))
# expect~ (0, 0.5, 1, 1) 1e-12
print(clamp(5, 0, 1))  # expect: 1
print(clamp([-2, 5] as i64, 0, 3))  # expect: [0, 3]
print(clamp([-2, 5] as i64, 0, 3).dtype)  # expect: i64
print(clamp([1] as f32, 0, 0.5).dtype)  # expect: f32
print(clamp(zeros(0), 0, 1).shape)  # expect: (0,)
print((v for v in clamp([0 / 0, 1 / 0, -1 / 0], 0, 1)))
# expect~ (nan, 1, 0) 1e-12
print(clamp([1, 5, 9], [2, 2, 2], [8, 8, 8]))  # expect: [2, 5, 8]
print(grad(x -> sum(clamp(x, 0, 1) * [1, 2, 3]))([-1, 0.5, 4]))  # expect: [0, 2, 0]
