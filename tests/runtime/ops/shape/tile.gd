# tile(x, times)
# source: NumPy 1.24.2, SciPy 1.10.1
print(tile([1, 2], 3))  # expect: [1, 2, 1, 2, 1, 2]
print((tile([[1, 2]], (2, 2))).shape)  # expect: (2, 4)
print(reshape(tile([[1, 2]], (2, 2)), 8))  # expect: [1, 2, 1, 2, 1, 2, 1, 2]
print(grad(x -> sum(tile(x, 2) * [1, 2, 3, 4]))([5, 6]))  # expect: [4, 6]
