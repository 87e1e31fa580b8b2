# gradients of products of transposed and sliced operands
let A = [[1, 2], [3, 4], [5, 6]]
let B = [[1, 0], [2, 1], [0, 3]]
let W = [[1, 2], [3, 4]]
let dA = grad(a -> sum(W * (a' @ B)))(A)
assert all(dA == B @ W')
let dB = grad(b -> sum(W * (A' @ b)))(B)
assert all(dB == A @ W)
let dS = grad(a -> sum(W * (a[:2] @ B[1:]')))(A)
assert all(dS[:2] == W @ B[1:]) and all(dS[2] == 0)
# x' A x: (A + A') x
let M = [[2, 1], [0, 3]]
print(grad(x -> x @ M @ x)([1, 2]))   # expect: [6, 13]
