# argsort: the indices that sort; equal elements stay in order
# source: NumPy 1.24.2, SciPy 1.10.1
print(argsort([30, 10, 20]))  # expect: [1, 2, 0]
print(argsort([1, 0, 1, 0]))  # expect: [1, 3, 0, 2]
print((argsort([[3, 1, 2], [0, 5, -1]], axis: 1)).shape)  # expect: (2, 3)
print(reshape(argsort([[3, 1, 2], [0, 5, -1]], axis: 1), 6))  # expect: [1, 2, 0, 2, 0, 1]
print((argsort([[3, 1, 2], [0, 5, -1]], axis: 0)).shape)  # expect: (2, 3)
print(reshape(argsort([[3, 1, 2], [0, 5, -1]], axis: 0), 6))  # expect: [1, 0, 1, 0, 1, 0]
print(argsort(zeros(0)).shape)  # expect: (0,)
print(argsort([1]).dtype)  # expect: i64
