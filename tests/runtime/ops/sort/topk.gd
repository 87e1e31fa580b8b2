# topk(x, k): the k largest, largest first, and where they are
# source: PyTorch 1.13.0a0
let (v, i) = topk([3, 9, 1, 7], 2)
print(v)  # expect: [9, 7]
print(i)  # expect: [1, 3]
let (w, j) = topk([[1, 3, 2], [6, 4, 5]], 2)
print(w.shape)  # expect: (2, 2)
print(reshape(w, 4))  # expect: [3, 2, 6, 5]
print(j.shape)  # expect: (2, 2)
print(reshape(j, 4))  # expect: [1, 2, 0, 2]
print(grad(x -> sum(topk(x, 2)[0] * [1, 10]))([3, 9, 1, 7]))  # expect: [0, 1, 0, 10]
