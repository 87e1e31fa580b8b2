# comprehensions that are products over whole axes run as such, and give what the loops give
let A = [[1, 2, 3], [4, 5, 6]]
let B = [[1, 0], [0, 1], [2, 2]]
let v = [1, 10, 100]
print([sum(A[i, k] * v[k] for k) for i])           # expect: [321, 654]
print([v[i] * v[j] for i, j][2])                   # expect: [100, 1000, 10000]
print(sum(A[i, k] * B[k, i] for i, k))             # expect: 24
print([sum(A[i, k] * B[k, j] * v[k] for k) for j, i][0])  # expect: [601, 1204]
print([A[j, i] for i, j][0])                       # expect: [1, 4]
print([sum(A[i, k] for k) for i])                  # expect: [6, 15]
let rows = (1, 2, 3)                               # a list is walked item by item
print(sum(rows[k] * v[k] for k))                   # expect: 321
print(grad(x -> sum([sum(A[i, k] * x[k] for k) for i] ^ 2))(v))  # expect: [5874, 7824, 9774]
print([sum(A[i, k] * B[j, k] for k) for i, j])     # expect error: E0213
