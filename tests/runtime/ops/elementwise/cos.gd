# cos, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75, 100]
print((v for v in cos(x)))
# expect~ (-0.8011436155469338, 0.5403023058681397, 0.9553364891256061, 0.921060994002885, 0.5403023058681397, -0.9243023786324635, 0.8623188722876839) 1e-12
print(cos(0.4))
# expect~ 0.921060994002885 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in cos(e)))
# expect~ (nan, nan, nan, 1) 1e-12
print(cos(zeros(0)).shape)  # expect: (0,)
print(cos(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in cos([-0.3])))
# expect~ (0.9553364891256061,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((cos(A')).shape)  # expect: (3, 2)
print((v for v in reshape(cos(A'), 6)))
# expect~ (0.8775825618903725, 0.968912421710645, 0.0707372016677029, -0.9899924966004454, -0.4161468365471424, -0.6536436208636119) 1e-12
print((cos(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(cos(A[:, ::-2]), 4)))
# expect~ (-0.4161468365471424, 0.8775825618903725, -0.6536436208636119, 0.968912421710645) 1e-12
let s = x as f32
print(cos(s).dtype)  # expect: f32
print((v for v in cos(s)))
# expect~ (-0.8011436155469338, 0.5403023058681397, 0.9553364856027307, 0.9210609916817707, 0.5403023058681397, -0.9243023786324635, 0.8623188722876839) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(cos(many)))
# expect~ -204.12810651684035 1e-10
print(all(abs(cos(many)[100:110] - cos(many[100:110])) < 1e-12 * (1 + abs(cos(many[100:110])))))  # expect: true
print(cos([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in cos([1, 2, 3] as i64)))
# expect~ (0.5403023058681397, -0.4161468365471424, -0.9899924966004454) 1e-12
print((v for v in cos([true, false])))
# expect~ (0.5403023058681397, 1) 1e-12
print((v for v in grad(x -> sum(cos(x)))(x)))
# expect~ (0.5984721441039564, 0.8414709848078965, 0.29552020666133955, -0.3894183423086505, -0.8414709848078965, -0.38166099205233167, 0.5063656411097588) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(cos(y)))(x) ^ 2))(x)))
# expect~ (0.9589242746631383, -0.9092974268256818, -0.5646424733950353, 0.7173560908995228, 0.9092974268256818, -0.7055403255703919, -0.8732972972139945) 1e-09
