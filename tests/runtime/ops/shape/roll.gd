# roll(x, n), roll(x, n, axis: a)
# source: NumPy 1.24.2, SciPy 1.10.1
print(roll([1, 2, 3, 4], 1))  # expect: [4, 1, 2, 3]
print(roll([1, 2, 3, 4], -1))  # expect: [2, 3, 4, 1]
print(roll([1, 2, 3], 7))  # expect: [3, 1, 2]
print((roll([[1, 2, 3], [4, 5, 6]], 1, axis: 1)).shape)  # expect: (2, 3)
print(reshape(roll([[1, 2, 3], [4, 5, 6]], 1, axis: 1), 6))  # expect: [3, 1, 2, 6, 4, 5]
print((roll([[1, 2], [3, 4], [5, 6]], 1, axis: 0)).shape)  # expect: (3, 2)
print(reshape(roll([[1, 2], [3, 4], [5, 6]], 1, axis: 0), 6))  # expect: [5, 6, 1, 2, 3, 4]
print(grad(x -> sum(roll(x, 1) * [1, 2, 3]))([0, 0, 0]))  # expect: [2, 3, 1]
