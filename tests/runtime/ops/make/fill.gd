# zeros, ones, full, eye
# op: zeros ones full eye
# op: fill
print(zeros(3))  # expect: [0, 0, 0]
print((ones(2, 2)).shape)  # expect: (2, 2)
print(reshape(ones(2, 2), 4))  # expect: [1, 1, 1, 1]
print((zeros((2, 3))).shape)  # expect: (2, 3)
print(reshape(zeros((2, 3)), 6))  # expect: [0, 0, 0, 0, 0, 0]
print((full((2, 2), 7)).shape)  # expect: (2, 2)
print(reshape(full((2, 2), 7), 4))  # expect: [7, 7, 7, 7]
print(full((3,), true))  # expect: [true, true, true]
print((eye(3)).shape)  # expect: (3, 3)
print(reshape(eye(3), 9))  # expect: [1, 0, 0, 0, 1, 0, 0, 0, 1]
print(zeros(0).shape)  # expect: (0,)
print(zeros(2, 0).shape)  # expect: (2, 0)
print(ones(2).dtype)  # expect: f64
