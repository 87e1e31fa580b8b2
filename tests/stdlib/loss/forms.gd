# numbers, soft labels, logits; values worked out by hand
print(mse(3, 1), mae([1, 5], 2), huber(3, 0, delta: 2))       # expect: 4 2 4
print(bce([0, 1], [0, 1]), bce([0, 1], [1, 0]))               # expect: 0 100
print(bce([2, -1000, 1000], [1, 0, 1], logits: true))         # expect~ 0.04230933701432423 1e-12
print(bce(0.25, 1))                                           # expect~ 1.3862943611198906 1e-12
let x = [[1, 2, 3], [0.5, -1, 0]]
print(cross_entropy(x, one_hot([2, 0], 3)) - cross_entropy(x, [2, 0]))   # expect~ 0 1e-15
print(cross_entropy(x, [[0, 0.5, 0.5], [1, 0, 0]]))           # expect~ 0.7558682848905542 1e-12
print(accuracy(x, [2, 1]), accuracy(x, one_hot([2, 0], 3)), accuracy([1, 2, 3], [1, 0, 3]) * 3)  # expect: 0.5 1 2
# derivatives of every order, in f32 too
print([grad(x -> grad(x -> cross_entropy(reshape(x, 1, 2), [0]))(x)[i])([0, 0]) for i in 0..2])
# expect: [[ 0.25, -0.25],
# expect:  [-0.25,  0.25]]
print(grad(x -> huber(x, [0, 0], delta: 1))([0.5, -3]))       # expect: [0.25, -0.5]
print(cross_entropy(x as f32, [2, 0]) < 0.6, grad(p -> bce(p, [1]))([0.5]))  # expect: true [-2]
