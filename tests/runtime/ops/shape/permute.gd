# permute(x, axes)
# source: NumPy 1.24.2, SciPy 1.10.1
let B = reshape(range(0, 24), 2, 3, 4)
print((permute(B, 2, 0, 1)).shape)  # expect: (4, 2, 3)
print(reshape(permute(B, 2, 0, 1), 24))
# expect: [0, 4, 8, 12, 16, 20, 1, 5, 9, 13, 17, 21, 2, 6, 10, 14, 18, 22, 3, 7, 11, 15, 19, 23]
print((permute(B, (1, 0, 2))).shape)  # expect: (3, 2, 4)
print(reshape(permute(B, (1, 0, 2)), 24))
# expect: [0, 1, 2, 3, 12, 13, 14, 15, 4, 5, 6, 7, 16, 17, 18, 19, 8, 9, 10, 11, 20, 21, 22, 23]
print(permute(B, 0, 1, 2)[1, 2])  # expect: [20, 21, 22, 23]
print(permute(zeros(0, 2), 1, 0).shape)  # expect: (2, 0)
print((grad(x -> sum(permute(x, 1, 0) * [[1, 2], [3, 4]]))([[0, 0], [0, 0]])).shape)  # expect: (2, 2)
print(reshape(grad(x -> sum(permute(x, 1, 0) * [[1, 2], [3, 4]]))([[0, 0], [0, 0]]), 4))  # expect: [1, 3, 2, 4]
