let A = [[1, 2, 3], [4, 5, 6]]
print(A[1, 2])      # expect: 6
print(A[-1, -3])    # expect: 4
print(A[0])         # expect: [1, 2, 3]
print(A[1][0])      # expect: 4
print(A[:, 0])      # expect: [1, 4]
print(A[..., -1])   # expect: [3, 6]
print(A[1, :])      # expect: [4, 5, 6]
print(A[0, 1:])     # expect: [2, 3]
print(A[1, ...])    # expect: [4, 5, 6]
let B = reshape(range(0, 24), 2, 3, 4)
print(B[1, 2, 3])   # expect: 23
print(B[1, 2])      # expect: [20, 21, 22, 23]
print(B[..., 0][1]) # expect: [12, 16, 20]
print(B[1, ..., 1]) # expect: [13, 17, 21]
print(B[:, 1].shape)  # expect: (2, 4)
