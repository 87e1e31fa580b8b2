# op: mask
let x = [4, -1, 9]
print(x[x > 0])                                     # expect: [4, 9]
print(grad(x -> sum(sqrt(x[x > 0]) * [1, 2]))(x)[1])  # expect: 0
print(sum(grad(x -> sum(x[x > 0] * [1, 2]))(x)))    # expect: 3
print(x[[false, false, false]].shape)               # expect: (0,)
let A = reshape(range(0, 6), 2, 3)
print(A[A % 2 == 0])                                # expect: [0, 2, 4]
print(A'[A' > 2])                                   # expect: [3, 4, 5]
