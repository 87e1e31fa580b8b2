# flip(x), flip(x, axis: a)
# source: NumPy 1.24.2, SciPy 1.10.1
print(flip([1, 2, 3]))  # expect: [3, 2, 1]
print((flip([[1, 2], [3, 4]], axis: 0)).shape)  # expect: (2, 2)
print(reshape(flip([[1, 2], [3, 4]], axis: 0), 4))  # expect: [3, 4, 1, 2]
print((flip([[1, 2], [3, 4]], axis: 1)).shape)  # expect: (2, 2)
print(reshape(flip([[1, 2], [3, 4]], axis: 1), 4))  # expect: [2, 1, 4, 3]
print(flip(zeros(0)).shape)  # expect: (0,)
print(grad(x -> sum(flip(x) * [1, 2, 3]))([0, 0, 0]))  # expect: [3, 2, 1]
