# trace, kron, outer, dot
# source: NumPy 1.24.2, SciPy 1.10.1
# op: trace kron outer dot
let A = [[1, 2], [3, 4]]
print(trace(A))  # expect: 5
print((kron(A, [[1, 10]])).shape)  # expect: (2, 4)
print(reshape(kron(A, [[1, 10]]), 8))  # expect: [1, 10, 2, 20, 3, 30, 4, 40]
print((outer([1, 2], [3, 4, 5])).shape)  # expect: (2, 3)
print(reshape(outer([1, 2], [3, 4, 5]), 6))  # expect: [3, 4, 5, 6, 8, 10]
print(dot([1, 2, 3], [4, 5, 6]))  # expect: 32
print((grad(A -> trace(A @ A))(A)).shape)  # expect: (2, 2)
print(reshape(grad(A -> trace(A @ A))(A), 4))  # expect: [2, 6, 4, 8]
print(grad(x -> sum(outer(x, [1, 2]) * A))([0, 0]))  # expect: [5, 11]
print(grad(x -> dot(x, [3, 4]))([1, 1]))  # expect: [3, 4]
