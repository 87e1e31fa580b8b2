# expm1, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75, 1e-10]
print((v for v in expm1(x)))
# expect~ (-0.9179150013761012, -0.6321205588285577, -0.2591817793182821, 0.49182469764127035, 1.7182818284590453, 14.642631884188171, 1.00000000005e-10) 1e-12
print(expm1(0.4))
# expect~ 0.49182469764127035 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in expm1(e)))
# expect~ (inf, -1, nan, 0) 1e-12
print(expm1(zeros(0)).shape)  # expect: (0,)
print(expm1(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in expm1([-0.3])))
# expect~ (-0.2591817793182821,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((expm1(A')).shape)  # expect: (3, 2)
print((v for v in reshape(expm1(A'), 6)))
# expect~ (0.6487212707001282, 0.2840254166877415, 3.481689070338065, 19.085536923187668, 6.38905609893065, 53.598150033144236) 1e-12
print((expm1(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(expm1(A[:, ::-2]), 4)))
# expect~ (6.38905609893065, 0.6487212707001282, 53.598150033144236, 0.2840254166877415) 1e-12
let s = x as f32
print(expm1(s).dtype)  # expect: f32
print((v for v in expm1(s)))
# expect~ (-0.9179150013761012, -0.6321205588285577, -0.2591817881495235, 0.49182470653323845, 1.7182818284590453, 14.642631884188171, 1.0000000134014319e-10) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(expm1(many)))
# expect~ 7064.89857294914 1e-10
print(all(abs(expm1(many)[100:110] - expm1(many[100:110])) < 1e-12 * (1 + abs(expm1(many[100:110])))))  # expect: true
print(expm1([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in expm1([1, 2, 3] as i64)))
# expect~ (1.7182818284590453, 6.38905609893065, 19.085536923187668) 1e-12
print((v for v in expm1([true, false])))
# expect~ (1.7182818284590453, 0) 1e-12
print((v for v in grad(x -> sum(expm1(x)))(x)))
# expect~ (0.08208499862389884, 0.36787944117144233, 0.7408182206817179, 1.4918246976412703, 2.7182818284590455, 15.642631884188171, 1.0000000001) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(expm1(y)))(x) ^ 2))(x)))
# expect~ (0.01347589399817095, 0.2706705664732254, 1.097623272188053, 4.451081856984936, 14.778112197861304, 489.38386452844077, 2.0000000004) 1e-09
