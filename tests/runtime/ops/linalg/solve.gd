# source: by hand; derivative: dx/db = inv(A)'
# op: solve inv
let A = [[2, 1], [1, 3]]
print((v for v in solve(A, [3, 5])))           # expect~ (0.8, 1.4) 1e-12
print((v for v in reshape(inv(A), 4)))         # expect~ (0.6, -0.2, -0.2, 0.4) 1e-12
print(solve(A, [[3, 1], [5, 0]]).shape)        # expect: (2, 2)
print((v for v in grad(b -> sum(solve(A, b) * [1, 10]))([3, 5])))  # expect~ (-1.4, 3.8) 1e-12
print((v for v in solve([[0, 1], [1, 0]], [3, 5])))  # expect~ (5, 3) 1e-12
