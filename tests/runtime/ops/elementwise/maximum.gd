# max(a, b), element by element
# op: maximum
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let a = [7, -7, 0.5, -3, 2]
let b = [2, 3, -0.25, -2, 5]
print((v for v in max(a, b)))
# expect~ (7, 3, 0.5, -2, 5) 1e-12
print(max(a, 2))  # expect: [7, 2, 2, 2, 2]
print(max(2, b))  # expect: [2, 3, 2, 2, 5]
print(max(7, 2))  # expect: 7
print((max(zeros(0), zeros(0))).shape)  # expect: (0,)
print((max(zeros(0, 3), ones(3))).shape)  # expect: (0, 3)
let A = [[1, 2, 3], [4, 5, 6]]
print((max(A, [2, 3, 4])).shape)  # expect: (2, 3)
print(reshape(max(A, [2, 3, 4]), 6))  # expect: [2, 3, 4, 4, 5, 6]
print((max(A', [2, 3])).shape)  # expect: (3, 2)
print(reshape(max(A', [2, 3]), 6))  # expect: [2, 4, 2, 5, 3, 6]
print((max(A[:, ::-1], A)).shape)  # expect: (2, 3)
print(reshape(max(A[:, ::-1], A), 6))  # expect: [3, 2, 3, 6, 5, 6]
print((max([[1], [2]], [[3, 4]])).shape)  # expect: (2, 2)
print(reshape(max([[1], [2]], [[3, 4]]), 4))  # expect: [3, 4, 3, 4]
print((max((a as f32), (b as f32))).dtype)  # expect: f32
print((max((a as f32), b)).dtype)  # expect: f64
print((v for v in max((a as f32), (b as f32))))
# expect~ (7, 3, 0.5, -2, 5) 1e-6
print(max(([7, -7, 9] as i64), ([2, 2, -4] as i64)))  # expect: [7, 2, 9]
print((max(([7, -7, 9] as i64), ([2, 2, -4] as i64))).dtype)  # expect: i64
print((max(([7] as i32), 2)).dtype)  # expect: i32
let e = [1 / 0, 0 / 0, 1]
print((v for v in max(e, 1)))
# expect~ (inf, nan, 1) 1e-12
let (da, db) = grad((a, b) -> sum((max(a, b)) * [1, 2, 3, 4, 5]), wrt: (0, 1))(a, b)
print((v for v in da))
# expect~ (1, 0, 3, 0, 0) 1e-11
print((v for v in db))
# expect~ (0, 2, 0, 4, 5) 1e-11
