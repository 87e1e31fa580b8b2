# sinh, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print((v for v in sinh(x)))
# expect~ (-6.0502044810397875, -1.1752011936438014, -0.3045202934471426, 0.41075232580281557, 1.1752011936438014, 7.789352011490732) 1e-12
print(sinh(0.4))
# expect~ 0.41075232580281557 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in sinh(e)))
# expect~ (inf, -inf, nan, 0) 1e-12
print(sinh(zeros(0)).shape)  # expect: (0,)
print(sinh(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in sinh([-0.3])))
# expect~ (-0.3045202934471426,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((sinh(A')).shape)  # expect: (3, 2)
print((v for v in reshape(sinh(A'), 6)))
# expect~ (0.5210953054937474, 0.2526123168081683, 2.1292794550948173, 10.017874927409903, 3.6268604078470186, 27.289917197127753) 1e-12
print((sinh(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(sinh(A[:, ::-2]), 4)))
# expect~ (3.6268604078470186, 0.5210953054937474, 27.289917197127753, 0.2526123168081683) 1e-12
let s = x as f32
print(sinh(s).dtype)  # expect: f32
print((v for v in sinh(s)))
# expect~ (-6.0502044810397875, -1.1752011936438014, -0.30452030590854884, 0.410752332246509, 1.1752011936438014, 7.789352011490732) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(sinh(many)))
# expect~ 383.78586703095743 1e-10
print(all(abs(sinh(many)[100:110] - sinh(many[100:110])) < 1e-12 * (1 + abs(sinh(many[100:110])))))  # expect: true
print(sinh([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in sinh([1, 2, 3] as i64)))
# expect~ (1.1752011936438014, 3.6268604078470186, 10.017874927409903) 1e-12
print((v for v in sinh([true, false])))
# expect~ (1.1752011936438014, 0) 1e-12
print((v for v in grad(x -> sum(sinh(x)))(x)))
# expect~ (6.132289479663686, 1.5430806348152437, 1.0453385141288605, 1.081072371838455, 1.5430806348152437, 7.853279872697439) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(sinh(y)))(x) ^ 2))(x)))
# expect~ (-74.20321057778875, -3.6268604078470186, -0.6366535821482412, 0.8881059821876232, 3.6268604078470186, 122.34392274639096) 1e-09
