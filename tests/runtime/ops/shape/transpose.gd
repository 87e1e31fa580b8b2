# transpose of a matrix, and A' of more axes
# source: NumPy 1.24.2, SciPy 1.10.1
# op: transpose
print(([[1, 2, 3], [4, 5, 6]]').shape)  # expect: (3, 2)
print(reshape([[1, 2, 3], [4, 5, 6]]', 6))  # expect: [1, 4, 2, 5, 3, 6]
print(([[1, 2, 3], [4, 5, 6]][:, ::2]').shape)  # expect: (2, 2)
print(reshape([[1, 2, 3], [4, 5, 6]][:, ::2]', 4))  # expect: [1, 4, 3, 6]
print(zeros(2, 3, 4)'.shape)  # expect: (2, 4, 3)
print((reshape(range(0, 8), 2, 2, 2)').shape)  # expect: (2, 2, 2)
print(reshape(reshape(range(0, 8), 2, 2, 2)', 8))  # expect: [0, 2, 1, 3, 4, 6, 5, 7]
print(zeros(0, 3)'.shape)  # expect: (3, 0)
print((([[1, 2], [3, 4]] as i32)'').shape)  # expect: (2, 2)
print(reshape(([[1, 2], [3, 4]] as i32)'', 4))  # expect: [1, 2, 3, 4]
