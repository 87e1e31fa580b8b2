# sin, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75, 100]
print((v for v in sin(x)))
# expect~ (-0.5984721441039564, -0.8414709848078965, -0.2955202066613396, 0.3894183423086505, 0.8414709848078965, 0.3816609920523317, -0.5063656411097587) 1e-12
print(sin(0.4))
# expect~ 0.3894183423086505 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in sin(e)))
# expect~ (nan, nan, nan, 0) 1e-12
print(sin(zeros(0)).shape)  # expect: (0,)
print(sin(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in sin([-0.3])))
# expect~ (-0.2955202066613396,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((sin(A')).shape)  # expect: (3, 2)
print((v for v in reshape(sin(A'), 6)))
# expect~ (0.47942553860420295, 0.24740395925452296, 0.9974949866040544, 0.1411200080598672, 0.9092974268256816, -0.7568024953079284) 1e-12
print((sin(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(sin(A[:, ::-2]), 4)))
# expect~ (0.9092974268256816, 0.47942553860420295, -0.7568024953079284, 0.24740395925452296) 1e-12
let s = x as f32
print(sin(s).dtype)  # expect: f32
print((v for v in sin(s)))
# expect~ (-0.5984721441039564, -0.8414709848078965, -0.295520218049838, 0.38941834779860185, 0.8414709848078965, 0.3816609920523317, -0.5063656411097587) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(sin(many)))
# expect~ -10.214919177566713 1e-10
print(all(abs(sin(many)[100:110] - sin(many[100:110])) < 1e-12 * (1 + abs(sin(many[100:110])))))  # expect: true
print(sin([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in sin([1, 2, 3] as i64)))
# expect~ (0.8414709848078965, 0.9092974268256816, 0.1411200080598672) 1e-12
print((v for v in sin([true, false])))
# expect~ (0.8414709848078965, 0) 1e-12
print((v for v in grad(x -> sum(sin(x)))(x)))
# expect~ (-0.8011436155469337, 0.5403023058681398, 0.955336489125606, 0.9210609940028851, 0.5403023058681398, -0.9243023786324636, 0.8623188722876839) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(sin(y)))(x) ^ 2))(x)))
# expect~ (-0.9589242746631383, 0.9092974268256818, 0.5646424733950353, -0.7173560908995228, -0.9092974268256818, 0.7055403255703919, 0.8732972972139945) 1e-09
