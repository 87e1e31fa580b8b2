# cumprod along an axis
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
# op: cumprod cumprod_back
let A = [[3, -1, 2], [0.5, 4, -2]]
print(cumprod([1, 2, 3, 4]))  # expect: [1, 2, 6, 24]
print((cumprod(A, axis: 0)).shape)  # expect: (2, 3)
print((v for v in reshape(cumprod(A, axis: 0), 6)))
# expect~ (3, -1, 2, 1.5, -4, -4) 1e-12
print((cumprod(A, axis: 1)).shape)  # expect: (2, 3)
print((v for v in reshape(cumprod(A, axis: 1), 6)))
# expect~ (3, -3, -6, 0.5, 2, -4) 1e-12
print((cumprod(A', axis: -1)).shape)  # expect: (3, 2)
print((v for v in reshape(cumprod(A', axis: -1), 6)))
# expect~ (3, 1.5, -1, -4, 2, -4) 1e-12
print(cumprod(zeros(0)).shape)  # expect: (0,)
print(cumprod([5]))  # expect: [5]
print(cumprod([1, 2] as f32).dtype)  # expect: f32
print((v for v in cumprod([1, 0 / 0, 2])))
# expect~ (1, nan, nan) 1e-12
print((v for v in grad(x -> sum(cumprod(x) * [1, 2, 3, 4]))([1, 2, -3, 4])))
# expect~ (-109, -55, 38, -24) 1e-11
