# diag: a vector to a matrix, a matrix to its diagonal
# source: NumPy 1.24.2, SciPy 1.10.1
# op: diag_part diag_embed
print((diag([1, 2])).shape)  # expect: (2, 2)
print(reshape(diag([1, 2]), 4))  # expect: [1, 0, 0, 2]
print(diag([[1, 2], [3, 4]]))  # expect: [1, 4]
print(diag([[1, 2, 3], [4, 5, 6]]))  # expect: [1, 5]
print(grad(x -> sum(diag(x) * [[1, 2], [3, 4]]))([0, 0]))  # expect: [1, 4]
print((grad(A -> sum(diag(A) * [5, 6]))([[0, 0], [0, 0]])).shape)  # expect: (2, 2)
print(reshape(grad(A -> sum(diag(A) * [5, 6]))([[0, 0], [0, 0]]), 4))  # expect: [5, 0, 0, 6]
