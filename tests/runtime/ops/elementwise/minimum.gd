# min(a, b), element by element
# op: minimum
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let a = [7, -7, 0.5, -3, 2]
let b = [2, 3, -0.25, -2, 5]
print((v for v in min(a, b)))
# expect~ (2, -7, -0.25, -3, 2) 1e-12
print((v for v in min(a, 2)))
# expect~ (2, -7, 0.5, -3, 2) 1e-12
print((v for v in min(2, b)))
# expect~ (2, 2, -0.25, -2, 2) 1e-12
print(min(7, 2))  # expect: 2
print((min(zeros(0), zeros(0))).shape)  # expect: (0,)
print((min(zeros(0, 3), ones(3))).shape)  # expect: (0, 3)
let A = [[1, 2, 3], [4, 5, 6]]
print((min(A, [2, 3, 4])).shape)  # expect: (2, 3)
print(reshape(min(A, [2, 3, 4]), 6))  # expect: [1, 2, 3, 2, 3, 4]
print((min(A', [2, 3])).shape)  # expect: (3, 2)
print(reshape(min(A', [2, 3]), 6))  # expect: [1, 3, 2, 3, 2, 3]
print((min(A[:, ::-1], A)).shape)  # expect: (2, 3)
print(reshape(min(A[:, ::-1], A), 6))  # expect: [1, 2, 1, 4, 5, 4]
print((min([[1], [2]], [[3, 4]])).shape)  # expect: (2, 2)
print(reshape(min([[1], [2]], [[3, 4]]), 4))  # expect: [1, 1, 2, 2]
print((min((a as f32), (b as f32))).dtype)  # expect: f32
print((min((a as f32), b)).dtype)  # expect: f64
print((v for v in min((a as f32), (b as f32))))
# expect~ (2, -7, -0.25, -3, 2) 1e-6
print(min(([7, -7, 9] as i64), ([2, 2, -4] as i64)))  # expect: [2, -7, -4]
print((min(([7, -7, 9] as i64), ([2, 2, -4] as i64))).dtype)  # expect: i64
print((min(([7] as i32), 2)).dtype)  # expect: i32
let e = [1 / 0, 0 / 0, 1]
print((v for v in min(e, 1)))
# expect~ (1, nan, 1) 1e-12
let (da, db) = grad((a, b) -> sum((min(a, b)) * [1, 2, 3, 4, 5]), wrt: (0, 1))(a, b)
print((v for v in da))
# expect~ (0, 2, 0, 4, 5) 1e-11
print((v for v in db))
# expect~ (1, 0, 3, 0, 0) 1e-11
