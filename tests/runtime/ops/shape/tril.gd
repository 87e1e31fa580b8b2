# tril(A) keeps one triangle
# source: NumPy 1.24.2, SciPy 1.10.1
let A = reshape(range(1, 10), 3, 3)
print((tril(A)).shape)  # expect: (3, 3)
print(reshape(tril(A), 9))  # expect: [1, 0, 0, 4, 5, 0, 7, 8, 9]
print((tril(A')).shape)  # expect: (3, 3)
print(reshape(tril(A'), 9))  # expect: [1, 0, 0, 2, 5, 0, 3, 6, 9]
print((tril(A[:2])).shape)  # expect: (2, 3)
print(reshape(tril(A[:2]), 6))  # expect: [1, 0, 0, 4, 5, 0]
print((grad(x -> sum(tril(x)))(A)).shape)  # expect: (3, 3)
print(reshape(grad(x -> sum(tril(x)))(A), 9))  # expect: [1, 0, 0, 1, 1, 0, 1, 1, 1]
print(tril(A as f32).dtype)  # expect: f32
