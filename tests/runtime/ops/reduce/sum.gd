# sum of all, and along axes
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let A = [[3, -1, 2], [0.5, 4, -2]]
let B = reshape((range(0, 24) * 7) % 11, 2, 3, 4)
print(sum(A))
# expect~ 6.5 1e-12
print(type(sum(A)))  # expect: number
print((v for v in sum(A, axis: 0)))
# expect~ (3.5, 3, 0) 1e-12
print((v for v in sum(A, axis: 1)))
# expect~ (4, 2.5) 1e-12
print((v for v in sum(A, axis: -1)))
# expect~ (4, 2.5) 1e-12
print((sum(B, axis: 1)).shape)  # expect: (2, 4)
print(reshape(sum(B, axis: 1), 8))  # expect: [7, 17, 16, 15, 17, 16, 15, 14]
print(sum(B, axis: (0, 2)))  # expect: [46, 39, 32]
print((sum(B, axis: (0, -1), keep: true)).shape)  # expect: (1, 3, 1)
print(reshape(sum(B, axis: (0, -1), keep: true), 3))  # expect: [46, 39, 32]
print(sum(B, axis: (0, 1, 2)))  # expect: 117
print(sum(A, axis: 1, keep: true).shape)  # expect: (2, 1)
print(sum(A, axis: 0, keep: true).shape)  # expect: (1, 3)
print((v for v in sum(A', axis: 0)))
# expect~ (4, 2.5) 1e-12
print((v for v in sum(A[:, ::-2], axis: 1)))
# expect~ (5, -1.5) 1e-12
print(sum([4]))  # expect: 4
print(A[0].sum())  # expect: 4
print(sum(A as f32, axis: 0).dtype)  # expect: f32
print((v for v in sum(A as f32, axis: 0)))
# expect~ (3.5, 3, 0) 1e-6
print(sum([1, 0 / 0, 3]))
# expect~ nan 1e-12
print(sum([1, 1 / 0]))
# expect~ inf 1e-12
let big = sin(range(0, 10_000))
print(sum(big))
# expect~ 1.939505410680713 1e-09
print((v for v in sum(reshape(big, 100, 100), axis: 0)[:5]))
# expect~ (-3.437025417400135, -0.5627879532567335, 2.8288741596812828, 3.6196824162299213, 1.0825713523174896) 1e-09
print(sum(zeros(0)))  # expect: 0
print(sum(zeros(3, 0), axis: 1))  # expect: [0, 0, 0]
print(sum(zeros(3, 0), axis: 0).shape)  # expect: (0,)
print(sum([1, 2, 3] as i64))  # expect: 6
print(sum([[1, 2]] as i64, axis: 0).dtype)  # expect: i64
print((grad(x -> sum(x))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> sum(x))(A), 6)))
# expect~ (1, 1, 1, 1, 1, 1) 1e-11
