# abs(a) ^ b, element by element
# op: pow
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let a = [7, -7, 0.5, -3, 2]
let b = [2, 3, -0.25, -2, 5]
print((v for v in abs(a) ^ b))
# expect~ (49, 343, 1.189207115002721, 0.1111111111111111, 32) 1e-12
print((v for v in abs(a) ^ 2))
# expect~ (49, 49, 0.25, 9, 4) 1e-12
print((v for v in abs(2) ^ b))
# expect~ (4, 8, 0.8408964152537145, 0.25, 32) 1e-12
print(abs(7) ^ 2)  # expect: 49
print((abs(zeros(0)) ^ zeros(0)).shape)  # expect: (0,)
print((abs(zeros(0, 3)) ^ ones(3)).shape)  # expect: (0, 3)
let A = [[1, 2, 3], [4, 5, 6]]
print((abs(A) ^ [2, 3, 4]).shape)  # expect: (2, 3)
print(reshape(abs(A) ^ [2, 3, 4], 6))  # expect: [1, 8, 81, 16, 125, 1296]
print((abs(A') ^ [2, 3]).shape)  # expect: (3, 2)
print(reshape(abs(A') ^ [2, 3], 6))  # expect: [1, 64, 4, 125, 9, 216]
print((abs(A[:, ::-1]) ^ A).shape)  # expect: (2, 3)
print(reshape(abs(A[:, ::-1]) ^ A, 6))  # expect: [3, 4, 1, 1296, 3125, 4096]
print((abs([[1], [2]]) ^ [[3, 4]]).shape)  # expect: (2, 2)
print(reshape(abs([[1], [2]]) ^ [[3, 4]], 4))  # expect: [1, 1, 8, 16]
print((abs((a as f32)) ^ (b as f32)).dtype)  # expect: f32
print((abs((a as f32)) ^ b).dtype)  # expect: f64
print((v for v in abs((a as f32)) ^ (b as f32)))
# expect~ (49, 343, 1.189207115002721, 0.1111111111111111, 32) 1e-6
let (da, db) = grad((a, b) -> sum((abs(a) ^ b) * [1, 2, 3, 4, 5]), wrt: (0, 1))(a, b)
print((v for v in da))
# expect~ (14, -294, -1.7838106725040817, 0.2962962962962963, 400) 1e-11
print((v for v in db))
# expect~ (95.34959730371035, 1334.8943622519448, -2.4728866765978883, 0.48827212829693767, 110.90354888959125) 1e-11
