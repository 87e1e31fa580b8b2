# draws of different calls, rows and columns are not the same numbers
seed(2)
let A = normal(1000, 3)
print(A.shape)   # expect: (1000, 3)
assert abs(mean(A[:, 0] * A[:, 1])) < 5 / sqrt(1000)
assert abs(mean(A[1:, 0] * A[:-1, 0])) < 5 / sqrt(999)
assert abs(mean(normal(1000) * normal(1000))) < 5 / sqrt(1000)
print(normal([2, 3]).shape)  # expect: (2, 3)
