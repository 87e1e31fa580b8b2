# prod of all, and along axes
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
# op: prod prod_others
let A = [[3, -1, 2], [0.5, 4, -2]]
let B = reshape((range(0, 24) * 7) % 11, 2, 3, 4)
print(prod(A))  # expect: 24
print(type(prod(A)))  # expect: number
print((v for v in prod(A, axis: 0)))
# expect~ (1.5, -4, -4) 1e-12
print(prod(A, axis: 1))  # expect: [-6, -4]
print(prod(A, axis: -1))  # expect: [-6, -4]
print((prod(B, axis: 1)).shape)  # expect: (2, 4)
print(reshape(prod(B, axis: 1), 8))  # expect: [0, 112, 108, 0, 112, 108, 0, 42]
print(prod(B, axis: (0, 2)))  # expect: [0, 48600, 0]
print((prod(B, axis: (0, -1), keep: true)).shape)  # expect: (1, 3, 1)
print(reshape(prod(B, axis: (0, -1), keep: true), 3))  # expect: [0, 48600, 0]
print(prod(B, axis: (0, 1, 2)))  # expect: 0
print(prod(A, axis: 1, keep: true).shape)  # expect: (2, 1)
print(prod(A, axis: 0, keep: true).shape)  # expect: (1, 3)
print(prod(A', axis: 0))  # expect: [-6, -4]
print(prod(A[:, ::-2], axis: 1))  # expect: [6, -1]
print(prod([4]))  # expect: 4
print(A[0].prod())  # expect: -6
print(prod(A as f32, axis: 0).dtype)  # expect: f32
print((v for v in prod(A as f32, axis: 0)))
# expect~ (1.5, -4, -4) 1e-6
print(prod([1, 0 / 0, 3]))
# expect~ nan 1e-12
print(prod([1, 1 / 0]))
# expect~ inf 1e-12
print(prod(zeros(0)))  # expect: 1
print(prod(zeros(3, 0), axis: 1))  # expect: [1, 1, 1]
print(prod(zeros(3, 0), axis: 0).shape)  # expect: (0,)
print(prod([1, 2, 3] as i64))  # expect: 6
print(prod([[1, 2]] as i64, axis: 0).dtype)  # expect: i64
print((grad(x -> prod(x))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> prod(x))(A), 6)))
# expect~ (8, -24, 12, 48, 6, -12) 1e-11
print((grad(x -> sum(grad(y -> prod(y))(x) * [[1, 2, 3], [4, 5, 6]]))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> sum(grad(y -> prod(y))(x) * [[1, 2, 3], [4, 5, 6]]))(A), 6)))
# expect~ (46, -194, 55, -92, 29, -109) 1e-10
