# least squares
# source: NumPy 1.24.2, SciPy 1.10.1
# op: lstsq
let N = [[1, 2, -1], [0.5, -3, 2], [4, 1, 6]]
let A = [[4, 1, 2], [1, 3, 0], [2, 0, 5]]
let B = stack((N, A, N @ A))
let W = reshape(sin(range(1, 13) ^ 2), 4, 3)
let fit = lstsq(W, [1, 2, 3, 5])
print((v for v in reshape(fit.x, 3)))
# expect~ (8.606879565379943, 6.890301082839327, -5.611633735743885) 1e-12
print(fit.residuals)  # expect~ 3.5415183311287786 1e-12
print(fit.rank)  # expect: 3
print((v for v in reshape(fit.s, 3)))
# expect~ (2.2931520799895537, 0.9072615734174482, 0.3178313961533033) 1e-12
print((v for v in reshape(lstsq(W, reshape(range(0, 8) ^ 2, 4, 2)).x, 6)))
# expect~ (54.96287938626248, 74.00624672224515, 51.292226969437344, 68.13882007151327, -27.363134709944283, -40.62026376047158) 1e-12
print((v for v in reshape(lstsq(W, reshape(range(0, 8) ^ 2, 4, 2)).residuals, 2)))
# expect~ (31.722084898632982, 106.144610606271) 1e-12
# the shortest of many solutions, and a matrix of lower rank
print((v for v in reshape(lstsq(W', [1, 2, 3]).x, 4)))
# expect~ (0.8456293961530345, -3.6189452963064603, -0.7019374990115885, 2.8101308434643273) 1e-12
print((v for v in reshape(lstsq([[1, 2], [2, 4], [3, 6]], [1, 1, 1]).x, 2)))
# expect~ (0.08571428571428566, 0.17142857142857137) 1e-12
print(lstsq([[1, 2], [2, 4], [3, 6]], [1, 1, 1]).rank)  # expect: 1
print(lstsq(W, [1, 2, 3, 5], rcond: 0.999).rank)  # expect: 1
print(lstsq(B, ones(3, 3, 2)).x.shape)  # expect: (3, 3, 2)
print(lstsq(B, [1, 2, 3]).residuals.shape)  # expect: (3,)
print(lstsq(B, [1, 2, 3]).rank)  # expect: [3, 3, 3]
print((v for v in reshape(lstsq(W as f32, [1, 2, 3, 5] as f32).x, 3)))
# expect~ (8.606879565379943, 6.890301082839327, -5.611633735743885) 1e-5
print(lstsq(W as f32, [1, 2, 3, 5] as f32).x.dtype)  # expect: f32
print(lstsq(zeros(0, 2), zeros(0)))  # expect: (x: [0, 0], residuals: 0, rank: 0, s: [])
print(lstsq(zeros(3, 0), ones(3)).residuals)  # expect: 3
# slopes in A and b, over- and underdetermined
print(check_grad((a, b) -> lstsq(a, b), W, [1, 2, 3, 5]).error < 1e-9)  # expect: true
print(check_grad((a, b) -> lstsq(a, b).x, W', [1, 2, 3]).error < 1e-9)  # expect: true
print(check_grad((a, b) -> lstsq(a, b).x, B, ones(3, 3, 2)).error < 1e-9)  # expect: true
print(check_grad(grad(a -> sum(sin(lstsq(a, [1, 2, 3, 5]).x))), W).error < 1e-7)  # expect: true
print(check_grad(grad(b -> sum(sin(lstsq(W', b).x))), [1, 2, 3]).error < 1e-7)  # expect: true
