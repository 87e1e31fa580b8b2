# d sum(W * (A @ B)) = W B', A' W
let A = [[1, 2], [3, 4], [5, 6]]
let B = [[1, 0, 2], [0, 1, 3]]
let W = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
let (dA, dB) = grad((a, b) -> sum(W * (a @ b)), wrt: (0, 1))(A, B)
assert all(dA == W @ B')
assert all(dB == A' @ W)
let v = [1, 2]
print(grad(v -> sum((A @ v) ^ 2))(v))     # expect: [246, 312]
print(grad(a -> sum(a' * [[1, 2, 3], [4, 5, 6]]))(A)[0])  # expect: [1, 4]
