# argmin of all, and along axes
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let A = [[3, -1, 2], [0.5, 4, -2]]
let B = reshape((range(0, 24) * 7) % 11, 2, 3, 4)
print(argmin(A))  # expect: 5
print(type(argmin(A)))  # expect: number
print(argmin(A, axis: 0))  # expect: [1, 0, 1]
print(argmin(A, axis: 1))  # expect: [1, 2]
print(argmin(A, axis: -1))  # expect: [1, 2]
print((argmin(B, axis: 1)).shape)  # expect: (2, 4)
print(reshape(argmin(B, axis: 1), 8))  # expect: [0, 1, 0, 2, 1, 0, 2, 1]
print(argmin(A, axis: 1).dtype)  # expect: i64
print(argmin([2, 7, 7, 2]))  # expect: 0
print(argmin([1, 0 / 0, 3]))  # expect: 1
print(argmin(A', axis: 0))  # expect: [1, 2]
print(argmin(A[:, ::-2], axis: 1))  # expect: [0, 0]
print(argmin([4]))  # expect: 0
print(A[0].argmin())  # expect: 1
