# a / b, element by element
# op: div
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let a = [7, -7, 0.5, -3, 2]
let b = [2, 3, -0.25, -2, 5]
print((v for v in a / b))
# expect~ (3.5, -2.3333333333333335, -2, 1.5, 0.4) 1e-12
print((v for v in a / 2))
# expect~ (3.5, -3.5, 0.25, -1.5, 1) 1e-12
print((v for v in 2 / b))
# expect~ (1, 0.6666666666666666, -8, -1, 0.4) 1e-12
print(7 / 2)
# expect~ 3.5 1e-12
print((zeros(0) / zeros(0)).shape)  # expect: (0,)
print((zeros(0, 3) / ones(3)).shape)  # expect: (0, 3)
let A = [[1, 2, 3], [4, 5, 6]]
print((A / [2, 3, 4]).shape)  # expect: (2, 3)
print((v for v in reshape(A / [2, 3, 4], 6)))
# expect~ (0.5, 0.6666666666666666, 0.75, 2, 1.6666666666666667, 1.5) 1e-12
print((A' / [2, 3]).shape)  # expect: (3, 2)
print((v for v in reshape(A' / [2, 3], 6)))
# expect~ (0.5, 1.3333333333333333, 1, 1.6666666666666667, 1.5, 2) 1e-12
print((A[:, ::-1] / A).shape)  # expect: (2, 3)
print((v for v in reshape(A[:, ::-1] / A, 6)))
# expect~ (3, 1, 0.3333333333333333, 1.5, 1, 0.6666666666666666) 1e-12
print(([[1], [2]] / [[3, 4]]).shape)  # expect: (2, 2)
print((v for v in reshape([[1], [2]] / [[3, 4]], 4)))
# expect~ (0.3333333333333333, 0.25, 0.6666666666666666, 0.5) 1e-12
print(((a as f32) / (b as f32)).dtype)  # expect: f32
print(((a as f32) / b).dtype)  # expect: f64
print((v for v in (a as f32) / (b as f32)))
# expect~ (3.5, -2.3333333333333335, -2, 1.5, 0.4) 1e-6
let e = [1 / 0, 0 / 0, 1]
print((v for v in e / 1))
# expect~ (inf, nan, 1) 1e-12
let (da, db) = grad((a, b) -> sum((a / b) * [1, 2, 3, 4, 5]), wrt: (0, 1))(a, b)
print((v for v in da))
# expect~ (0.5, 0.6666666666666666, -12, -2, 1) 1e-11
print((v for v in db))
# expect~ (-1.75, 1.5555555555555556, -24, 3, -0.4) 1e-11
