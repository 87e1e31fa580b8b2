var x = [1, -2, 3, -4]
x[x < 0] = 0
print(x)  # expect: [1, 0, 3, 0]
x[x > 0] = [10, 30]
print(x)  # expect: [10, 0, 30, 0]
var A = [[1, 2], [3, 4]]
A[A > 2] = -1
print(A[1])  # expect: [-1, -1]
A[[false, true]] = 9
print(A[0], A[1])  # expect: [1, 2] [9, 9]
