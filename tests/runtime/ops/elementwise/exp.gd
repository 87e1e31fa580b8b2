# exp, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print((v for v in exp(x)))
# expect~ (0.0820849986238988, 0.3678794411714424, 0.7408182206817179, 1.4918246976412703, 2.718281828459045, 15.642631884188173) 1e-12
print(exp(0.4))
# expect~ 1.4918246976412703 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in exp(e)))
# expect~ (inf, 0, nan, 1) 1e-12
print(exp(zeros(0)).shape)  # expect: (0,)
print(exp(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in exp([-0.3])))
# expect~ (0.7408182206817179,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((exp(A')).shape)  # expect: (3, 2)
print((v for v in reshape(exp(A'), 6)))
# expect~ (1.6487212707001282, 1.2840254166877414, 4.481689070338065, 20.085536923187668, 7.38905609893065, 54.598150033144236) 1e-12
print((exp(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(exp(A[:, ::-2]), 4)))
# expect~ (7.38905609893065, 1.6487212707001282, 54.598150033144236, 1.2840254166877414) 1e-12
let s = x as f32
print(exp(s).dtype)  # expect: f32
print((v for v in exp(s)))
# expect~ (0.0820849986238988, 0.3678794411714424, 0.7408182118504766, 1.4918247065332384, 2.718281828459045, 15.642631884188173) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(exp(many)))
# expect~ 8065.8985729491405 1e-10
print(all(abs(exp(many)[100:110] - exp(many[100:110])) < 1e-12 * (1 + abs(exp(many[100:110])))))  # expect: true
print(exp([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in exp([1, 2, 3] as i64)))
# expect~ (2.718281828459045, 7.38905609893065, 20.085536923187668) 1e-12
print((v for v in exp([true, false])))
# expect~ (2.718281828459045, 1) 1e-12
print((v for v in grad(x -> sum(exp(x)))(x)))
# expect~ (0.0820849986238988, 0.36787944117144233, 0.7408182206817179, 1.4918246976412703, 2.718281828459045, 15.642631884188171) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(exp(y)))(x) ^ 2))(x)))
# expect~ (0.013475893998170936, 0.2706705664732254, 1.097623272188053, 4.451081856984936, 14.778112197861299, 489.38386452844077) 1e-09
