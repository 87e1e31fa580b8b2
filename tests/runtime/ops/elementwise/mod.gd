# a % b, element by element
# op: mod
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let a = [7, -7, 0.5, -3, 2]
let b = [2, 3, -0.25, -2, 5]
print(a % b)  # expect: [1, 2, 0, -1, 2]
print((v for v in a % 2))
# expect~ (1, 1, 0.5, 1, 0) 1e-12
print(2 % b)  # expect: [0, 2, 0, 0, 2]
print(7 % 2)  # expect: 1
print((zeros(0) % zeros(0)).shape)  # expect: (0,)
print((zeros(0, 3) % ones(3)).shape)  # expect: (0, 3)
let A = [[1, 2, 3], [4, 5, 6]]
print((A % [2, 3, 4]).shape)  # expect: (2, 3)
print(reshape(A % [2, 3, 4], 6))  # expect: [1, 2, 3, 0, 2, 2]
print((A' % [2, 3]).shape)  # expect: (3, 2)
print(reshape(A' % [2, 3], 6))  # expect: [1, 1, 0, 2, 1, 0]
print((A[:, ::-1] % A).shape)  # expect: (2, 3)
print(reshape(A[:, ::-1] % A, 6))  # expect: [0, 0, 1, 2, 0, 4]
print(([[1], [2]] % [[3, 4]]).shape)  # expect: (2, 2)
print(reshape([[1], [2]] % [[3, 4]], 4))  # expect: [1, 1, 2, 2]
print(((a as f32) % (b as f32)).dtype)  # expect: f32
print(((a as f32) % b).dtype)  # expect: f64
print((v for v in (a as f32) % (b as f32)))
# expect~ (1, 2, 0, -1, 2) 1e-6
print(([7, -7, 9] as i64) % ([2, 2, -4] as i64))  # expect: [1, 1, -3]
print((([7, -7, 9] as i64) % ([2, 2, -4] as i64)).dtype)  # expect: i64
print((([7] as i32) % 2).dtype)  # expect: i32
