# max of all, and along axes
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
# op: max pick
let A = [[3, -1, 2], [0.5, 4, -2]]
let B = reshape((range(0, 24) * 7) % 11, 2, 3, 4)
print(max(A))  # expect: 4
print(type(max(A)))  # expect: number
print(max(A, axis: 0))  # expect: [3, 4, 2]
print(max(A, axis: 1))  # expect: [3, 4]
print(max(A, axis: -1))  # expect: [3, 4]
print((max(B, axis: 1)).shape)  # expect: (2, 4)
print(reshape(max(B, axis: 1), 8))  # expect: [6, 8, 9, 10, 8, 9, 10, 7]
print(max(B, axis: (0, 2)))  # expect: [10, 9, 8]
print((max(B, axis: (0, -1), keep: true)).shape)  # expect: (1, 3, 1)
print(reshape(max(B, axis: (0, -1), keep: true), 3))  # expect: [10, 9, 8]
print(max(B, axis: (0, 1, 2)))  # expect: 10
print(max(A, axis: 1, keep: true).shape)  # expect: (2, 1)
print(max(A, axis: 0, keep: true).shape)  # expect: (1, 3)
print(max(A', axis: 0))  # expect: [3, 4]
print((v for v in max(A[:, ::-2], axis: 1)))
# expect~ (3, 0.5) 1e-12
print(max([4]))  # expect: 4
print(A[0].max())  # expect: 3
print(max(A as f32, axis: 0).dtype)  # expect: f32
print((v for v in max(A as f32, axis: 0)))
# expect~ (3, 4, 2) 1e-6
print(max([1, 0 / 0, 3]))
# expect~ nan 1e-12
print(max([1, 1 / 0]))
# expect~ inf 1e-12
let big = sin(range(0, 10_000))
print(max(big))
# expect~ 0.9999935858249229 1e-09
print((v for v in max(reshape(big, 100, 100), axis: 0)[:5]))
# expect~ (0.9997423364439333, 0.9992306600864409, 0.9999185325363076, 0.9999061679990064, 0.9991935751333492) 1e-09
print(max([[3, 1]] as i32, axis: 0).dtype)  # expect: i32
print(max([[3, 1]] as i32, axis: 1))  # expect: [3]
print(max(3, 5))  # expect: 5
print(max([1, 9], [5, 2]))  # expect: [5, 9]
print(max([1, 9, 4], 4))  # expect: [4, 9, 4]
print(max(1, 2, 3))  # expect: 3
print(max(zeros(3, 0), axis: 0).shape)  # expect: (0,)
print((grad(x -> max(x))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> max(x))(A), 6)))
# expect~ (0, 0, 0, 0, 1, 0) 1e-11
