var A = zeros(2, 3)
A[0, 1] = 5
A[1] = [7, 8, 9]
print(A[0])     # expect: [0, 5, 0]
print(A[1])     # expect: [7, 8, 9]
A[-1, -1] = 1
print(A[1])     # expect: [7, 8, 1]
A[0][2] = 4
print(A[0])     # expect: [0, 5, 4]
A[:, 0] = [10, 20]
print(A[:, 0])  # expect: [10, 20]
A[...] = 3
print(A[1])     # expect: [3, 3, 3]
