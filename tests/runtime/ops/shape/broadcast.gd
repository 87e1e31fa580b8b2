# stretched operands and their gradients
# op: broadcast_to
let b = [[1], [2]]
print(reshape(b + zeros(2, 3), 6))           # expect: [1, 1, 1, 2, 2, 2]
print(reshape([1, 2, 3] + zeros(2, 3), 6))   # expect: [1, 2, 3, 1, 2, 3]
print((ones(4, 1, 1) * ones(4, 2, 3) * ones(2, 3)).shape)  # expect: (4, 2, 3)
print(grad(x -> sum(x * ones(5, 2, 3)))([[1], [2]]).shape) # expect: (2, 1)
print(grad(x -> sum(x * ones(2, 3)))([[1], [2]])[:, 0])    # expect: [3, 3]
