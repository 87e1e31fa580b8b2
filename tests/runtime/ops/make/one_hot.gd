# one_hot(labels, n)
print((one_hot([0, 2, 1], 3)).shape)  # expect: (3, 3)
print(reshape(one_hot([0, 2, 1], 3), 9))  # expect: [1, 0, 0, 0, 0, 1, 0, 1, 0]
print((one_hot([1, 1] as i64, 2)).shape)  # expect: (2, 2)
print(reshape(one_hot([1, 1] as i64, 2), 4))  # expect: [0, 1, 0, 1]
print(one_hot(zeros(0), 3).shape)  # expect: (0, 3)
