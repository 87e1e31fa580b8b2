var x = zeros(5)
x[[0, 3]] = [1, 2]
print(x)  # expect: [1, 0, 0, 2, 0]
x[[4, 1]] = 7
print(x)  # expect: [1, 7, 0, 2, 7]
var A = zeros(3, 2)
A[[2, 0]] = [[1, 2], [3, 4]]
print(A[0], A[1], A[2])  # expect: [3, 4] [0, 0] [1, 2]
A[[0, 1], [1, 0]] = [8, 9]
print(A[0], A[1])        # expect: [3, 8] [9, 0]
A[:, [1]] = 5
print(A[:, 1])           # expect: [5, 5, 5]
