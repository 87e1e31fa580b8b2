let A = [[1, 2, 3], [4, 5, 6]]
let B = [[1, 0], [0, 1], [2, 2]]
let C = [sum(A[i, k] * B[k, j] for k) for i, j]
print(C[0])               # expect: [7, 8]
print(C[1])               # expect: [16, 17]
let x = [10, 20, 30]
print([x[i] * 2 for i])   # expect: [20, 40, 60]
print(sum(x[i] for i))    # expect: 60
print([A[j, i] for i, j].shape)    # expect: (3, 2)
print([x[i] * i for i])   # expect: [0, 20, 60]
print(sum(A[i, i] for i in 0..2))  # expect: 6
print([sum(A[i, k] for k) for i])  # expect: [6, 15]
print([max(A[i, k] for k) for i])  # expect: [3, 6]
