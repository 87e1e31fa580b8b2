# a @ b
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
# op: matmul
let A = [[1, 2, 3], [4, 5, 6]]
let B = [[1, 0], [2, -1], [0.5, 3]]
print((A @ B).shape)  # expect: (2, 2)
print((v for v in reshape(A @ B, 4)))
# expect~ (6.5, 7, 17, 13) 1e-12
print((A' @ B').shape)  # expect: (3, 3)
print((v for v in reshape(A' @ B', 9)))
# expect~ (1, -2, 12.5, 2, -1, 16, 3, 0, 19.5) 1e-12
print((A @ A').shape)  # expect: (2, 2)
print(reshape(A @ A', 4))  # expect: [14, 32, 32, 77]
print((A[:, ::-1] @ B).shape)  # expect: (2, 2)
print((v for v in reshape(A[:, ::-1] @ B, 4)))
# expect~ (7.5, 1, 18, 7) 1e-12
print((A[:, :2] @ B[1:]).shape)  # expect: (2, 2)
print((v for v in reshape(A[:, :2] @ B[1:], 4)))
# expect~ (3, 5, 10.5, 11) 1e-12
print(A @ [1, 2, 3])  # expect: [14, 32]
print([1, 2] @ A)  # expect: [9, 12, 15]
print([1, 2, 3] @ [4, 5, 6])  # expect: 32
print((zeros(2, 0) @ zeros(0, 3)).shape)  # expect: (2, 3)
print((zeros(2, 0) @ zeros(0, 3)).shape)  # expect: (2, 3)
print(reshape(zeros(2, 0) @ zeros(0, 3), 6))  # expect: [0, 0, 0, 0, 0, 0]
print((zeros(0, 2) @ zeros(2, 3)).shape)  # expect: (0, 3)
print(([[2]] @ [[3]]).shape)  # expect: (1, 1)
print(reshape([[2]] @ [[3]], 1))  # expect: [6]
print(((A as f32) @ (B as f32)).dtype)  # expect: f32
print(((A as f32) @ (B as f32)).shape)  # expect: (2, 2)
print((v for v in reshape((A as f32) @ (B as f32), 4)))
# expect~ (6.5, 7, 17, 13) 1e-6
print((reshape(range(0, 12), 2, 2, 3) @ reshape(range(0, 12), 2, 3, 2)).shape)  # expect: (2, 2, 2)
print(reshape(reshape(range(0, 12), 2, 2, 3) @ reshape(range(0, 12), 2, 3, 2), 8))  # expect: [10, 13, 28, 40, 172, 193, 244, 274]
print((reshape(range(0, 12), 2, 2, 3) @ B).shape)  # expect: (2, 2, 2)
print((v for v in reshape(reshape(range(0, 12), 2, 2, 3) @ B, 8)))
# expect~ (3, 5, 13.5, 11, 24, 17, 34.5, 23) 1e-12
let X = reshape(sin(range(0, 9100)), 130, 70)
let Y = reshape(cos(range(0, 6300)), 70, 90)
print((v for v in (X @ Y)[129, 85:]))
# expect~ (0.0707329874190706, 1.0013679174149868, 1.0113498021843175, 0.09150134290396261, -0.9124730290622312) 1e-09
print(sum((X @ Y) ^ 2))
# expect~ 6277.776483367276 1e-10
print(sum((Y' @ X') ^ 2))
# expect~ 6277.776483367276 1e-10
let (da, db) = grad((a, b) -> sum((a @ b) ^ 2), wrt: (0, 1))(A, B)
print(da.shape)  # expect: (2, 3)
print((v for v in reshape(da, 6)))
# expect~ (13, 12, 48.5, 34, 42, 95) 1e-12
print(db.shape)  # expect: (3, 2)
print(reshape(db, 6))  # expect: [149, 118, 196, 158, 243, 198]
print((grad(b -> sum((reshape(range(0, 12), 2, 2, 3) @ b) ^ 2))(B)).shape)  # expect: (3, 2)
print(reshape(grad(b -> sum((reshape(range(0, 12), 2, 2, 3) @ b) ^ 2))(B), 6))  # expect: [990, 684, 1140, 796, 1290, 908]
# an axis of size 1 that was moved keeps its old stride
let moved = swapaxes(reshape(range(0, 8), 2, 4, 1), 1, 2)
print(flatten(moved @ ones(4, 2)), flatten(moved @ ones(4)))  # expect: [6, 6, 22, 22] [6, 22]
