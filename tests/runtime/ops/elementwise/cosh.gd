# cosh, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print((v for v in cosh(x)))
# expect~ (6.132289479663686, 1.5430806348152437, 1.0453385141288605, 1.081072371838455, 1.5430806348152437, 7.85327987269744) 1e-12
print(cosh(0.4))
# expect~ 1.081072371838455 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in cosh(e)))
# expect~ (inf, inf, nan, 1) 1e-12
print(cosh(zeros(0)).shape)  # expect: (0,)
print(cosh(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in cosh([-0.3])))
# expect~ (1.0453385141288605,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((cosh(A')).shape)  # expect: (3, 2)
print((v for v in reshape(cosh(A'), 6)))
# expect~ (1.1276259652063807, 1.031413099879573, 2.352409615243247, 10.067661995777764, 3.7621956910836314, 27.308232836016487) 1e-12
print((cosh(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(cosh(A[:, ::-2]), 4)))
# expect~ (3.7621956910836314, 1.1276259652063807, 27.308232836016487, 1.031413099879573) 1e-12
let s = x as f32
print(cosh(s).dtype)  # expect: f32
print((v for v in cosh(s)))
# expect~ (6.132289479663686, 1.5430806348152437, 1.0453385177590253, 1.0810723742867296, 1.5430806348152437, 7.85327987269744) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(cosh(many)))
# expect~ 7682.112705918183 1e-10
print(all(abs(cosh(many)[100:110] - cosh(many[100:110])) < 1e-12 * (1 + abs(cosh(many[100:110])))))  # expect: true
print(cosh([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in cosh([1, 2, 3] as i64)))
# expect~ (1.5430806348152437, 3.7621956910836314, 10.067661995777764) 1e-12
print((v for v in cosh([true, false])))
# expect~ (1.5430806348152437, 1) 1e-12
print((v for v in grad(x -> sum(cosh(x)))(x)))
# expect~ (-6.0502044810397875, -1.1752011936438014, -0.3045202934471426, 0.4107523258028155, 1.1752011936438014, 7.789352011490732) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(cosh(y)))(x) ^ 2))(x)))
# expect~ (-74.20321057778875, -3.6268604078470186, -0.6366535821482412, 0.8881059821876232, 3.6268604078470186, 122.34392274639096) 1e-09
