# solve: vectors, matrices, batches, shapes that broadcast
# source: NumPy 1.24.2, SciPy 1.10.1
# op: solve lu_pack
let N = [[1, 2, -1], [0.5, -3, 2], [4, 1, 6]]
let A = [[4, 1, 2], [1, 3, 0], [2, 0, 5]]
let B = stack((N, A, N @ A))
fn big(n) = reshape(sin(range(0, n * n) ^ 2 * 0.37 + range(0, n * n)), n, n) + n / 8 * eye(n)
print((v for v in reshape(solve(N, [1, 2, 3]), 3)))
# expect~ (1.9111111111111112, -0.7777777777777779, -0.6444444444444446) 1e-12
print((v for v in reshape(solve(N, [[1, 0], [2, 1], [3, -1]]), 6)))
# expect~ (1.9111111111111112, 0.6222222222222225, -0.7777777777777779, -0.5555555555555556, -0.6444444444444446, -0.488888888888889) 1e-12
print((v for v in reshape(solve(N', [1, 2, 3]), 3)))
# expect~ (-1.2222222222222223, -1.2444444444444445, 0.7111111111111111) 1e-12
print((v for v in reshape(solve(N[::-1, ::-1], [1, 2, 3]), 3)))
# expect~ (-2.111111111111111, -1.4444444444444444, 3.7777777777777777) 1e-12
print((v for v in reshape(solve(B, [1, 2, 3]), 9)))
# expect~ (1.9111111111111112, -0.7777777777777779, -0.6444444444444446, -0.3023255813953489, 0.7674418604651163, 0.7209302325581396, 0.84702842377261, -0.5416020671834627, -0.467700258397933) 1e-12
print(solve(B, ones(3)).shape)  # expect: (3, 3)
# [..., n] beside [..., n, n] is a batch of vectors
print((v for v in reshape(solve(B, reshape(range(0, 9), 3, 3)), 9)))
# expect~ (0.48888888888888893, -0.2222222222222222, 0.044444444444444425, -0.11627906976744179, 1.372093023255814, 1.0465116279069766, 4.131266149870802, -2.562273901808786, -2.4702842377260987) 1e-12
print((v for v in reshape(solve(N, reshape(range(0, 24), 4, 3, 2)), 24)))
# expect~ (0.9777777777777779, 2.4000000000000004, -0.4444444444444444, -1.0, 0.08888888888888885, -0.6000000000000001, 9.511111111111113, 10.933333333333334, -3.7777777777777786, -4.333333333333334, -4.044444444444445, -4.733333333333333, 18.044444444444448, 19.46666666666667, -7.111111111111111, -7.666666666666668, -8.177777777777779, -8.866666666666667, 26.57777777777778, 28.000000000000004, -10.444444444444443, -11.0, -12.311111111111112, -13.000000000000002) 1e-12
print(solve(B[:, new], ones(3, 4, 3, 2)).shape)  # expect: (3, 4, 3, 2)
print(solve(stack((N, A)), ones(3, 5)).shape)  # expect: (2, 3, 5)
print((v for v in reshape(solve(5 * eye(1), [2]), 1)))
# expect~ (0.4,) 1e-12
print(solve(zeros(0, 0), zeros(0)).shape)  # expect: (0,)
print(solve(zeros(0, 3, 3), zeros(0, 3, 2)).shape)  # expect: (0, 3, 2)
print(solve(eye(3), zeros(3, 0)).shape)  # expect: (3, 0)
# 100 rows: LAPACK
print((v for v in reshape(solve(big(100), cos(range(0, 100)))[:5], 5)))
# expect~ (0.05308182868949714, 0.044198053791729836, -0.02934574099702081, -0.07178636608375477, -0.07972063429069813) 1e-11
print((v for v in reshape(solve(big(100)', cos(range(0, 100)))[95:], 5)))
# expect~ (0.03231164002232518, 0.0770602196857265, -0.04257832402498242, -0.09260279243368646, 0.008864950130360441) 1e-11
print(max(abs(big(64) @ solve(big(64), eye(64)) - eye(64))) < 1e-12)  # expect: true
# f32, mixed and integer operands
print(solve(N as f32, [1, 2, 3] as f32).dtype)  # expect: f32
print(solve(N as f32, [1, 2, 3]).dtype)  # expect: f64
print((v for v in reshape(solve(N as f32, [1, 2, 3] as f32), 3)))
# expect~ (1.9111111111111112, -0.7777777777777779, -0.6444444444444446) 1e-6
print((v for v in reshape(solve(big(100) as f32, cos(range(0, 100)) as f32)[:5], 5)))
# expect~ (0.05308182868949714, 0.044198053791729836, -0.02934574099702081, -0.07178636608375477, -0.07972063429069813) 1e-4
print((v for v in reshape(solve([[2, 1], [1, 3]] as i64, [3, 5] as i64), 2)))
# expect~ (0.8, 1.4) 1e-12
# ill-conditioned: Hilbert's matrix of 10 rows, condition 1.6e13; the residual is small all the same
let H = [1 / (i + j + 1) for i in 0..10, j in 0..10]
print(max(abs(H @ solve(H, ones(10)) - 1)) < 1e-3)  # expect: true
# scales do not make a matrix singular
print((v for v in reshape(solve([[1e-30, 0], [0, 1]], [1, 1]) * [1e-30, 1], 2)))
# expect~ (1.0, 1.0) 1e-12
print((v for v in reshape(solve([[1, 2], [3e-200, 4e-200]], [1, 1e-200]), 2)))
# expect~ (-1.0, 1.0) 1e-12
