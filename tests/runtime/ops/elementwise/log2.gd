# log2, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [0.1, 0.5, 1, 2.75, 10, 1000]
print((v for v in log2(x)))
# expect~ (-3.321928094887362, -1, 0, 1.4594316186372973, 3.321928094887362, 9.965784284662087) 1e-12
print(log2(2.75))
# expect~ 1.4594316186372973 1e-12
print(log2(zeros(0)).shape)  # expect: (0,)
print(log2(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in log2([1])))
# expect~ (0,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((log2(A')).shape)  # expect: (3, 2)
print((v for v in reshape(log2(A'), 6)))
# expect~ (-1, -2, 0.5849625007211562, 1.584962500721156, 1, 2) 1e-12
print((log2(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(log2(A[:, ::-2]), 4)))
# expect~ (1, -1, 2, -2) 1e-12
let s = x as f32
print(log2(s).dtype)  # expect: f32
print((v for v in log2(s)))
# expect~ (-3.321928073389531, -1, 0, 1.4594316186372973, 3.321928094887362, 9.965784284662087) 1e-5
let many = linspace(0.05, 20, 1001)
print(sum(log2(many)))
# expect~ 2900.849248415886 1e-10
print(all(abs(log2(many)[100:110] - log2(many[100:110])) < 1e-12 * (1 + abs(log2(many[100:110])))))  # expect: true
print(log2([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in log2([1, 2, 3] as i64)))
# expect~ (0, 1, 1.584962500721156) 1e-12
print((v for v in grad(x -> sum(log2(x)))(x)))
# expect~ (14.426950408889635, 2.8853900817779268, 1.4426950408889634, 0.5246163785050776, 0.14426950408889633, 0.0014426950408889636) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(log2(y)))(x) ^ 2))(x)))
# expect~ (-4162.737962011216, -33.301903696089724, -4.1627379620112155, -0.2001617051605693, -0.004162737962011215, -4.162737962011217e-09) 1e-09
