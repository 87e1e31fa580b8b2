# log1p, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-0.5, -1e-10, 1e-10, 0.3, 4]
print((v for v in log1p(x)))
# expect~ (-0.6931471805599453, -1.00000000005e-10, 9.999999999500001e-11, 0.262364264467491, 1.6094379124341003) 1e-12
print(log1p(0.3))
# expect~ 0.262364264467491 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in log1p(e)))
# expect~ (inf, nan, nan, 0) 1e-12
print(log1p(zeros(0)).shape)  # expect: (0,)
print(log1p(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in log1p([1e-10])))
# expect~ (9.999999999500001e-11,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((log1p(A')).shape)  # expect: (3, 2)
print((v for v in reshape(log1p(A'), 6)))
# expect~ (0.4054651081081644, 0.22314355131420974, 0.916290731874155, 1.3862943611198906, 1.0986122886681096, 1.6094379124341003) 1e-12
print((log1p(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(log1p(A[:, ::-2]), 4)))
# expect~ (1.0986122886681096, 0.4054651081081644, 1.6094379124341003, 0.22314355131420974) 1e-12
let s = x as f32
print(log1p(s).dtype)  # expect: f32
print((v for v in log1p(s)))
# expect~ (-0.6931471805599453, -1.0000000134014319e-10, 1.000000013301432e-10, 0.26236427363743636, 1.6094379124341003) 1e-5
let many = linspace(-0.9, 5, 1001)
print(sum(log1p(many)))
# expect~ 860.8948928100158 1e-10
print(all(abs(log1p(many)[100:110] - log1p(many[100:110])) < 1e-12 * (1 + abs(log1p(many[100:110])))))  # expect: true
print(log1p([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in log1p([1, 2, 3] as i64)))
# expect~ (0.6931471805599453, 1.0986122886681096, 1.3862943611198906) 1e-12
print((v for v in log1p([true, false])))
# expect~ (0.6931471805599453, 0) 1e-12
print((v for v in grad(x -> sum(log1p(x)))(x)))
# expect~ (2, 1.0000000001, 0.9999999999, 0.7692307692307692, 0.2) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(log1p(y)))(x) ^ 2))(x)))
# expect~ (-16, -2.0000000006, -1.9999999994, -0.9103322712790166, -0.016) 1e-09
