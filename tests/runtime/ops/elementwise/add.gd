# a + b, element by element
# op: add
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let a = [7, -7, 0.5, -3, 2]
let b = [2, 3, -0.25, -2, 5]
print((v for v in a + b))
# expect~ (9, -4, 0.25, -5, 7) 1e-12
print((v for v in a + 2))
# expect~ (9, -5, 2.5, -1, 4) 1e-12
print((v for v in 2 + b))
# expect~ (4, 5, 1.75, 0, 7) 1e-12
print(7 + 2)  # expect: 9
print((zeros(0) + zeros(0)).shape)  # expect: (0,)
print((zeros(0, 3) + ones(3)).shape)  # expect: (0, 3)
let A = [[1, 2, 3], [4, 5, 6]]
print((A + [2, 3, 4]).shape)  # expect: (2, 3)
print(reshape(A + [2, 3, 4], 6))  # expect: [3, 5, 7, 6, 8, 10]
print((A' + [2, 3]).shape)  # expect: (3, 2)
print(reshape(A' + [2, 3], 6))  # expect: [3, 7, 4, 8, 5, 9]
print((A[:, ::-1] + A).shape)  # expect: (2, 3)
print(reshape(A[:, ::-1] + A, 6))  # expect: [4, 4, 4, 10, 10, 10]
print(([[1], [2]] + [[3, 4]]).shape)  # expect: (2, 2)
print(reshape([[1], [2]] + [[3, 4]], 4))  # expect: [4, 5, 5, 6]
print(((a as f32) + (b as f32)).dtype)  # expect: f32
print(((a as f32) + b).dtype)  # expect: f64
print((v for v in (a as f32) + (b as f32)))
# expect~ (9, -4, 0.25, -5, 7) 1e-6
print(([7, -7, 9] as i64) + ([2, 2, -4] as i64))  # expect: [9, -5, 5]
print((([7, -7, 9] as i64) + ([2, 2, -4] as i64)).dtype)  # expect: i64
print((([7] as i32) + 2).dtype)  # expect: i32
let e = [1 / 0, 0 / 0, 1]
print((v for v in e + 1))
# expect~ (inf, nan, 2) 1e-12
let (da, db) = grad((a, b) -> sum((a + b) * [1, 2, 3, 4, 5]), wrt: (0, 1))(a, b)
print((v for v in da))
# expect~ (1, 2, 3, 4, 5) 1e-11
print((v for v in db))
# expect~ (1, 2, 3, 4, 5) 1e-11
