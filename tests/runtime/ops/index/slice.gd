# x[...] with numbers, ranges and slices, and its adjoint (zeros with the gradient laid in)
# op: slice unslice
let A = reshape(range(0, 12), 3, 4)
print(A[1, 1:3])                    # expect: [5, 6]
print(A[::-1, 0])                   # expect: [8, 4, 0]
print(A[1:, ::2].shape)             # expect: (2, 2)
print(reshape(A[2::-2, 3::-1], 8))  # expect: [11, 10, 9, 8, 3, 2, 1, 0]
print(A'[1, 1:])                    # expect: [5, 9]
print(A[0:0].shape, A[:, 4:].shape) # expect: (0, 4) (3, 0)
print(sum(A[0:0]))                  # expect: 0
print((A as i32)[1:2].dtype)        # expect: i32
let g = grad(x -> sum(x[::2, 1:3] * [[1, 2], [3, 4]]))(A)
print(g[0], g[1], g[2])             # expect: [0, 1, 2, 0] [0, 0, 0, 0] [0, 3, 4, 0]
let h = grad(x -> sum(x[1, ::-1] * [1, 2, 3, 4]))(A)
print(h[0], h[1])                   # expect: [0, 0, 0, 0] [4, 3, 2, 1]
# twice: d/dx of sum of squared gradient of sum(x[1:]^3)
print(grad(x -> sum(grad(y -> sum(y[1:] ^ 3))(x) ^ 2))([1, 1, 2]))  # expect: [0, 36, 288]
print(grad(x -> sum(grad(y -> sum(y[0:2]) * y[2])(x) * [1, 2, 3]))([1, 1, 2]))  # expect: [3, 3, 3]
