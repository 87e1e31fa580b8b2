# indices that repeat add their gradients up
# op: take take_add
let W = [[1, 2], [3, 4], [5, 6]]
let rows = [2, 0, 2]
print(W[rows][0], W[rows][1])       # expect: [5, 6] [1, 2]
let g = grad(w -> sum(w[rows] * [[1, 2], [3, 4], [5, 6]]))(W)
print(g[0], g[1], g[2])             # expect: [3, 4] [0, 0] [6, 8]
print(grad(x -> sum(x[[0, 0, 0]] ^ 2))([3, 1]))  # expect: [18, 0]
print(W[zeros(0)].shape)            # expect: (0, 2)
print(W[[0, 1, 2], [1, 0, 1]])      # expect: [2, 3, 6]
print(grad(w -> sum(w[[0, 0], [1, 1]] * [1, 10]))(W)[0])  # expect: [0, 11]
print(grad(x -> sum(grad(y -> sum(y[[0, 0, 1]] ^ 3))(x)))([1, 2]))  # expect: [12, 12]
