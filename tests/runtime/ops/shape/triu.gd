# triu(A) keeps one triangle
# source: NumPy 1.24.2, SciPy 1.10.1
let A = reshape(range(1, 10), 3, 3)
print((triu(A)).shape)  # expect: (3, 3)
print(reshape(triu(A), 9))  # expect: [1, 2, 3, 0, 5, 6, 0, 0, 9]
print((triu(A')).shape)  # expect: (3, 3)
print(reshape(triu(A'), 9))  # expect: [1, 4, 7, 0, 5, 8, 0, 0, 9]
print((triu(A[:2])).shape)  # expect: (2, 3)
print(reshape(triu(A[:2]), 6))  # expect: [1, 2, 3, 0, 5, 6]
print((grad(x -> sum(triu(x)))(A)).shape)  # expect: (3, 3)
print(reshape(grad(x -> sum(triu(x)))(A), 9))  # expect: [1, 1, 1, 0, 1, 1, 0, 0, 1]
print(triu(A as f32).dtype)  # expect: f32
