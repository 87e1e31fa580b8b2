var A = zeros(2, 3)
A[:, :] = [1, 2, 3]
print(A[0], A[1])  # expect: [1, 2, 3] [1, 2, 3]
A[:, 1:] = [[7], [8]]
print(A[0], A[1])  # expect: [1, 7, 7] [1, 8, 8]
