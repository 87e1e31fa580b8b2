# digamma, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-1.5, 0.5, 1, 3, 10.5]
print((v for v in digamma(x)))
# expect~ (0.7031566406452434, -1.9635100260214235, -0.5772156649015329, 0.9227843350984671, 2.3030010342976865) 1e-11
print(digamma(3))
# expect~ 0.9227843350984671 1e-11
print(digamma(zeros(0)).shape)  # expect: (0,)
print(digamma(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in digamma([1])))
# expect~ (-0.5772156649015329,) 1e-11
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((digamma(A')).shape)  # expect: (3, 2)
print((v for v in reshape(digamma(A'), 6)))
# expect~ (-1.9635100260214235, -4.2274535333762655, 0.03648997397857652, 0.9227843350984671, 0.42278433509846713, 1.2561176684318003) 1e-12
print((digamma(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(digamma(A[:, ::-2]), 4)))
# expect~ (0.42278433509846713, -1.9635100260214235, 1.2561176684318003, -4.2274535333762655) 1e-12
let s = x as f32
print(digamma(s).dtype)  # expect: f32
let many = linspace(0.05, 20, 1001)
print(sum(digamma(many)))
# expect~ 1813.6867872467383 1e-10
print(all(abs(digamma(many)[100:110] - digamma(many[100:110])) < 1e-12 * (1 + abs(digamma(many[100:110])))))  # expect: true
print(digamma([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in digamma([1, 2, 3] as i64)))
# expect~ (-0.5772156649015329, 0.42278433509846713, 0.9227843350984671) 1e-12
print((v for v in grad(x -> sum(digamma(x)))(x)))
# expect~ (9.37924664484954, 4.934802202073678, 1.6449340676383375, 0.39493406693194577, 0.09991695605949143) 1e-09
