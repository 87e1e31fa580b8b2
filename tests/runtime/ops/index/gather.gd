# gather(x, axis, index): y[i][j] = x[index[i][j]][j] for axis 0
# source: PyTorch 1.13 documentation's example, and by hand
let x = [[1, 2], [3, 4]]
print(reshape(gather(x, 1, [[0, 0], [1, 0]]), 4))    # expect: [1, 1, 4, 3]
print(reshape(gather(x, 0, [[1, 0]]), 2))            # expect: [3, 2]
print(reshape(gather(x', 1, [[0, 1], [1, 1]]), 4))   # expect: [1, 3, 4, 4]
print(gather([5, 6, 7], 0, [2, 2, 0]))               # expect: [7, 7, 5]
print(gather(x as i32, 1, [[0], [1]]).dtype)         # expect: i32
print(gather(x, 1, zeros(2, 0)).shape)               # expect: (2, 0)
let g = grad(x -> sum(gather(x, 1, [[0, 0], [1, 0]]) * [[1, 2], [3, 4]]))(x)
print(g[0], g[1])                                    # expect: [3, 0] [4, 3]
