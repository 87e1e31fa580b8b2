let x = [1, -2, 3, -4]
print(x[x > 0])            # expect: [1, 3]
print(x[x > 100].shape)    # expect: (0,)
let A = [[1, 2], [3, 4]]
print(A[A > 1])            # expect: [2, 3, 4]
print(A[A[:, 0] > 1][0])   # expect: [3, 4]
print(A[:, [true, false]][1])  # expect: [3]
