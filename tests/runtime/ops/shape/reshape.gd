# reshape(x, sizes): the elements in row order
# source: NumPy 1.24.2, SciPy 1.10.1
let x = range(0, 6)
let A = reshape(x, 2, 3)
print(A.shape)  # expect: (2, 3)
print(reshape(A, 6))  # expect: [0, 1, 2, 3, 4, 5]
print((reshape(x, (3, 2))).shape)  # expect: (3, 2)
print(reshape(reshape(x, (3, 2)), 6))  # expect: [0, 1, 2, 3, 4, 5]
print(reshape(A', 6))  # expect: [0, 3, 1, 4, 2, 5]
print((reshape(A[:, ::-1], 3, 2)).shape)  # expect: (3, 2)
print(reshape(reshape(A[:, ::-1], 3, 2), 6))  # expect: [2, 1, 0, 5, 4, 3]
print(reshape(zeros(0), 2, 0).shape)  # expect: (2, 0)
print(reshape([7], 1, 1, 1).shape)  # expect: (1, 1, 1)
print(reshape([1, 2] as i32, 2, 1).dtype)  # expect: i32
print(grad(x -> sum(reshape(x, 2, 2)[1] * [3, 4]))([1, 1, 1, 1]))  # expect: [0, 0, 3, 4]
