# mean of all, and along axes
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let A = [[3, -1, 2], [0.5, 4, -2]]
let B = reshape((range(0, 24) * 7) % 11, 2, 3, 4)
print(mean(A))
# expect~ 1.0833333333333333 1e-12
print(type(mean(A)))  # expect: number
print((v for v in mean(A, axis: 0)))
# expect~ (1.75, 1.5, 0) 1e-12
print((v for v in mean(A, axis: 1)))
# expect~ (1.3333333333333333, 0.8333333333333334) 1e-12
print((v for v in mean(A, axis: -1)))
# expect~ (1.3333333333333333, 0.8333333333333334) 1e-12
print((mean(B, axis: 1)).shape)  # expect: (2, 4)
print((v for v in reshape(mean(B, axis: 1), 8)))
# expect~ (2.3333333333333335, 5.666666666666667, 5.333333333333333, 5, 5.666666666666667, 5.333333333333333, 5, 4.666666666666667) 1e-12
print((v for v in mean(B, axis: (0, 2))))
# expect~ (5.75, 4.875, 4) 1e-12
print((mean(B, axis: (0, -1), keep: true)).shape)  # expect: (1, 3, 1)
print((v for v in reshape(mean(B, axis: (0, -1), keep: true), 3)))
# expect~ (5.75, 4.875, 4) 1e-12
print(mean(B, axis: (0, 1, 2)))
# expect~ 4.875 1e-12
print(mean(A, axis: 1, keep: true).shape)  # expect: (2, 1)
print(mean(A, axis: 0, keep: true).shape)  # expect: (1, 3)
print((v for v in mean(A', axis: 0)))
# expect~ (1.3333333333333333, 0.8333333333333334) 1e-12
print((v for v in mean(A[:, ::-2], axis: 1)))
# expect~ (2.5, -0.75) 1e-12
print(mean([4]))  # expect: 4
print(A[0].mean())
# expect~ 1.3333333333333333 1e-12
print(mean(A as f32, axis: 0).dtype)  # expect: f32
print((v for v in mean(A as f32, axis: 0)))
# expect~ (1.75, 1.5, 0) 1e-6
print(mean([1, 0 / 0, 3]))
# expect~ nan 1e-12
print(mean([1, 1 / 0]))
# expect~ inf 1e-12
let big = sin(range(0, 10_000))
print(mean(big))
# expect~ 0.0001939505410680713 1e-09
print((v for v in mean(reshape(big, 100, 100), axis: 0)[:5]))
# expect~ (-0.03437025417400135, -0.0056278795325673345, 0.028288741596812828, 0.03619682416229921, 0.010825713523174896) 1e-09
print(mean([1, 2] as i64))
# expect~ 1.5 1e-12
print(mean([true, false, true, true]))
# expect~ 0.75 1e-12
print((grad(x -> mean(x))(A)).shape)  # expect: (2, 3)
print((v for v in reshape(grad(x -> mean(x))(A), 6)))
# expect~ (0.16666666666666666, 0.16666666666666666, 0.16666666666666666, 0.16666666666666666, 0.16666666666666666, 0.16666666666666666) 1e-11
