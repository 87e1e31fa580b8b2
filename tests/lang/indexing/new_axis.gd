let x = [1, 2, 3]
print(x[:, new].shape)    # expect: (3, 1)
print(x[new, :].shape)    # expect: (1, 3)
print(x[new].shape)       # expect: (1, 3)
print((x[:, new] * x[new, :]).shape)  # expect: (3, 3)
let A = zeros(2, 4)
print(A[:, new, :].shape) # expect: (2, 1, 4)
print(A[..., new].shape)  # expect: (2, 4, 1)
