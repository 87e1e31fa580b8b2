# log, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [0.1, 0.5, 1, 2.75, 10, 1000]
print((v for v in log(x)))
# expect~ (-2.3025850929940455, -0.6931471805599453, 0, 1.0116009116784799, 2.3025850929940455, 6.907755278982137) 1e-12
print(log(2.75))
# expect~ 1.0116009116784799 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in log(e)))
# expect~ (inf, nan, nan, -inf) 1e-12
print(log(zeros(0)).shape)  # expect: (0,)
print(log(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in log([1])))
# expect~ (0,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((log(A')).shape)  # expect: (3, 2)
print((v for v in reshape(log(A'), 6)))
# expect~ (-0.6931471805599453, -1.3862943611198906, 0.4054651081081644, 1.0986122886681096, 0.6931471805599453, 1.3862943611198906) 1e-12
print((log(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(log(A[:, ::-2]), 4)))
# expect~ (0.6931471805599453, -0.6931471805599453, 1.3862943611198906, -1.3862943611198906) 1e-12
let s = x as f32
print(log(s).dtype)  # expect: f32
print((v for v in log(s)))
# expect~ (-2.3025850780928847, -0.6931471805599453, 0, 1.0116009116784799, 2.3025850929940455, 6.907755278982137) 1e-5
let many = linspace(0.05, 20, 1001)
print(sum(log(many)))
# expect~ 2010.715477768908 1e-10
print(all(abs(log(many)[100:110] - log(many[100:110])) < 1e-12 * (1 + abs(log(many[100:110])))))  # expect: true
print(log([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in log([1, 2, 3] as i64)))
# expect~ (0, 0.6931471805599453, 1.0986122886681096) 1e-12
print((v for v in grad(x -> sum(log(x)))(x)))
# expect~ (10, 2, 1, 0.36363636363636365, 0.1, 0.001) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(log(y)))(x) ^ 2))(x)))
# expect~ (-2000, -16, -2, -0.09616829451540196, -0.002, -2e-09) 1e-09
