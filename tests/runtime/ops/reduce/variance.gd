# variance of all, and along axes
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let A = [[3, -1, 2], [0.5, 4, -2]]
let B = reshape((range(0, 24) * 7) % 11, 2, 3, 4)
print(variance(A))
# expect~ 4.534722222222222 1e-12
print(type(variance(A)))  # expect: number
print((v for v in variance(A, axis: 0)))
# expect~ (1.5625, 6.25, 4) 1e-12
print((v for v in variance(A, axis: 1)))
# expect~ (2.888888888888889, 6.0555555555555545) 1e-12
print((v for v in variance(A, axis: -1)))
# expect~ (2.888888888888889, 6.0555555555555545) 1e-12
print((variance(B, axis: 1)).shape)  # expect: (2, 4)
print((v for v in reshape(variance(B, axis: 1), 8)))
# expect~ (6.888888888888889, 6.888888888888888, 6.888888888888889, 16.666666666666668, 6.888888888888888, 6.888888888888889, 16.666666666666668, 6.888888888888888) 1e-12
print((v for v in variance(B, axis: (0, 2))))
# expect~ (10.9375, 8.359375, 10.25) 1e-12
print((variance(B, axis: (0, -1), keep: true)).shape)  # expect: (1, 3, 1)
print((v for v in reshape(variance(B, axis: (0, -1), keep: true), 3)))
# expect~ (10.9375, 8.359375, 10.25) 1e-12
print(variance(B, axis: (0, 1, 2)))
# expect~ 10.359375 1e-12
print(variance(A, axis: 1, keep: true).shape)  # expect: (2, 1)
print(variance(A, axis: 0, keep: true).shape)  # expect: (1, 3)
print((v for v in variance(A', axis: 0)))
# expect~ (2.888888888888889, 6.0555555555555545) 1e-12
print((v for v in variance(A[:, ::-2], axis: 1)))
# expect~ (0.25, 1.5625) 1e-12
print(variance([4]))  # expect: 0
print(A[0].variance())
# expect~ 2.888888888888889 1e-12
print(variance(A as f32, axis: 0).dtype)  # expect: f32
print((v for v in variance(A as f32, axis: 0)))
# expect~ (1.5625, 6.25, 4) 1e-6
print(variance([1, 0 / 0, 3]))
# expect~ nan 1e-12
let big = sin(range(0, 10_000))
print(variance(big))
# expect~ 0.49998595017249625 1e-09
print((v for v in variance(reshape(big, 100, 100), axis: 0)[:5]))
# expect~ (0.5008294222981341, 0.4970854240944732, 0.4995884322538327, 0.5012491926027556, 0.4973639441124618) 1e-09
print(variance(A, ddof: 1))
# expect~ 5.441666666666667 1e-12
print((v for v in variance(A, axis: 1, ddof: 1)))
# expect~ (4.333333333333333, 9.083333333333332) 1e-12
print((grad(x -> variance(x))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> variance(x))(A), 6)))
# expect~ (0.6388888888888888, -0.6944444444444443, 0.3055555555555556, -0.19444444444444442, 0.9722222222222223, -1.0277777777777777) 1e-11
print((grad(x -> sum(grad(y -> variance(y))(x) * [[1, 2, 3], [4, 5, 6]]))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> sum(grad(y -> variance(y))(x) * [[1, 2, 3], [4, 5, 6]]))(A), 6)))
# expect~ (-0.8333333333333335, -0.5000000000000001, -0.16666666666666674, 0.16666666666666652, 0.4999999999999998, 0.8333333333333333) 1e-10
