# cumsum along an axis
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let A = [[3, -1, 2], [0.5, 4, -2]]
print(cumsum([1, 2, 3, 4]))  # expect: [1, 3, 6, 10]
print((cumsum(A, axis: 0)).shape)  # expect: (2, 3)
print((v for v in reshape(cumsum(A, axis: 0), 6)))
# expect~ (3, -1, 2, 3.5, 3, 0) 1e-12
print((cumsum(A, axis: 1)).shape)  # expect: (2, 3)
print((v for v in reshape(cumsum(A, axis: 1), 6)))
# expect~ (3, 2, 4, 0.5, 4.5, 2.5) 1e-12
print((cumsum(A', axis: -1)).shape)  # expect: (3, 2)
print((v for v in reshape(cumsum(A', axis: -1), 6)))
# expect~ (3, 3.5, -1, 3, 2, 0) 1e-12
print(cumsum(zeros(0)).shape)  # expect: (0,)
print(cumsum([5]))  # expect: [5]
print(cumsum([1, 2] as f32).dtype)  # expect: f32
print((v for v in cumsum([1, 0 / 0, 2])))
# expect~ (1, nan, nan) 1e-12
print((v for v in grad(x -> sum(cumsum(x) * [1, 2, 3, 4]))([1, 2, -3, 4])))
# expect~ (10, 9, 7, 4) 1e-11
