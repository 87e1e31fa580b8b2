# argmax of all, and along axes
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let A = [[3, -1, 2], [0.5, 4, -2]]
let B = reshape((range(0, 24) * 7) % 11, 2, 3, 4)
print(argmax(A))  # expect: 4
print(type(argmax(A)))  # expect: number
print(argmax(A, axis: 0))  # expect: [0, 1, 0]
print(argmax(A, axis: 1))  # expect: [0, 1]
print(argmax(A, axis: -1))  # expect: [0, 1]
print((argmax(B, axis: 1)).shape)  # expect: (2, 4)
print(reshape(argmax(B, axis: 1), 8))  # expect: [1, 2, 1, 0, 2, 1, 0, 2]
print(argmax(A, axis: 1).dtype)  # expect: i64
print(argmax([2, 7, 7, 2]))  # expect: 1
print(argmax([1, 0 / 0, 3]))  # expect: 1
print(argmax(A', axis: 0))  # expect: [0, 1]
print(argmax(A[:, ::-2], axis: 1))  # expect: [1, 1]
print(argmax([4]))  # expect: 0
print(A[0].argmax())  # expect: 0
