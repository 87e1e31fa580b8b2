# a row or a slice is a value, not a view that can be written through
var A = [[1, 2], [3, 4]]
var row = A[0]
row[0] = 50
let col = A[:, 1]
A[0, 1] = 60
print(row)   # expect: [50, 2]
print(col)   # expect: [2, 4]
print(A[0])  # expect: [1, 60]
let T = A'
A[1, 0] = 70
print(T[0])  # expect: [1, 3]
let flat = reshape(A, 4)
A[1, 1] = 80
print(flat)  # expect: [1, 60, 70, 4]
