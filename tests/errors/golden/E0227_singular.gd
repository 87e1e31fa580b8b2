let A = [[1, 2], [2, 4]]
print(solve(A, [1, 1]))
