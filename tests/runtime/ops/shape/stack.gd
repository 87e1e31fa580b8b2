# stack(list, axis: 0)
# source: NumPy 1.24.2, SciPy 1.10.1
print((stack(([1, 2], [3, 4], [5, 6]))).shape)  # expect: (3, 2)
print(reshape(stack(([1, 2], [3, 4], [5, 6])), 6))  # expect: [1, 2, 3, 4, 5, 6]
print((stack(([1, 2], [3, 4], [5, 6]), axis: 1)).shape)  # expect: (2, 3)
print(reshape(stack(([1, 2], [3, 4], [5, 6]), axis: 1), 6))  # expect: [1, 3, 5, 2, 4, 6]
print(stack((1, 2, 3)))  # expect: [1, 2, 3]
print((stack(([1, 2], [3, 4]), axis: -1)).shape)  # expect: (2, 2)
print(reshape(stack(([1, 2], [3, 4]), axis: -1), 4))  # expect: [1, 3, 2, 4]
print(stack((zeros(0), zeros(0))).shape)  # expect: (2, 0)
print(grad(k -> sum(stack((k, 2 * k, k ^ 2)) * [1, 10, 100]))(3))  # expect: 621
print([[1, 2], [3, 4]][1] + stack((1, 1)))  # expect: [4, 5]
