# scatter_add(x, axis, index, source): y[index[i][j]][j] += source[i][j] for axis 0
let y = scatter_add(zeros(3), 0, [0, 2, 0], [1, 10, 100])
print(y)                                             # expect: [101, 0, 10]
print(scatter_add([1, 1], 0, [1], [5]))              # expect: [1, 6]
let z = scatter_add(zeros(2, 2), 1, [[0, 0], [1, 0]], [[1, 2], [3, 4]])
print(z[0], z[1])                                    # expect: [3, 0] [4, 3]
print(grad(s -> sum(scatter_add(zeros(3), 0, [0, 2, 0], s) * [1, 2, 3]))([0, 0, 0]))  # expect: [1, 3, 1]
print(grad(x -> sum(scatter_add(x, 0, [0, 2, 0], [1, 1, 1]) ^ 2))([1, 2, 3]))         # expect: [6, 4, 8]
