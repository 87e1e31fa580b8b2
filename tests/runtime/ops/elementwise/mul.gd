# a * b, element by element
# op: mul
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let a = [7, -7, 0.5, -3, 2]
let b = [2, 3, -0.25, -2, 5]
print((v for v in a * b))
# expect~ (14, -21, -0.125, 6, 10) 1e-12
print(a * 2)  # expect: [14, -14, 1, -6, 4]
print((v for v in 2 * b))
# expect~ (4, 6, -0.5, -4, 10) 1e-12
print(7 * 2)  # expect: 14
print((zeros(0) * zeros(0)).shape)  # expect: (0,)
print((zeros(0, 3) * ones(3)).shape)  # expect: (0, 3)
let A = [[1, 2, 3], [4, 5, 6]]
print((A * [2, 3, 4]).shape)  # expect: (2, 3)
print(reshape(A * [2, 3, 4], 6))  # expect: [2, 6, 12, 8, 15, 24]
print((A' * [2, 3]).shape)  # expect: (3, 2)
print(reshape(A' * [2, 3], 6))  # expect: [2, 12, 4, 15, 6, 18]
print((A[:, ::-1] * A).shape)  # expect: (2, 3)
print(reshape(A[:, ::-1] * A, 6))  # expect: [3, 4, 3, 24, 25, 24]
print(([[1], [2]] * [[3, 4]]).shape)  # expect: (2, 2)
print(reshape([[1], [2]] * [[3, 4]], 4))  # expect: [3, 4, 6, 8]
print(((a as f32) * (b as f32)).dtype)  # expect: f32
print(((a as f32) * b).dtype)  # expect: f64
print((v for v in (a as f32) * (b as f32)))
# expect~ (14, -21, -0.125, 6, 10) 1e-6
print(([7, -7, 9] as i64) * ([2, 2, -4] as i64))  # expect: [14, -14, -36]
print((([7, -7, 9] as i64) * ([2, 2, -4] as i64)).dtype)  # expect: i64
print((([7] as i32) * 2).dtype)  # expect: i32
let e = [1 / 0, 0 / 0, 1]
print((v for v in e * 1))
# expect~ (inf, nan, 1) 1e-12
let (da, db) = grad((a, b) -> sum((a * b) * [1, 2, 3, 4, 5]), wrt: (0, 1))(a, b)
print((v for v in da))
# expect~ (2, 6, -0.75, -8, 25) 1e-11
print((v for v in db))
# expect~ (7, -14, 1.5, -12, 10) 1e-11
