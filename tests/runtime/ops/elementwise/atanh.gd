# atanh, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-0.9, -0.5, 0.1, 0.6, 0.95]
print((v for v in atanh(x)))
# expect~ (-1.4722194895832204, -0.5493061443340549, 0.10033534773107558, 0.6931471805599453, 1.8317808230648227) 1e-12
print(atanh(0.6))
# expect~ 0.6931471805599453 1e-12
print(atanh(zeros(0)).shape)  # expect: (0,)
print(atanh(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in atanh([0.1])))
# expect~ (0.10033534773107558,) 1e-12
let A = reshape([0.5, 0.25, -0.5, 0.125, 0, 0.75], 2, 3)
print((atanh(A')).shape)  # expect: (3, 2)
print((v for v in reshape(atanh(A'), 6)))
# expect~ (0.5493061443340549, 0.12565721414045303, 0.25541281188299536, 0, -0.5493061443340549, 0.9729550745276566) 1e-12
print((atanh(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(atanh(A[:, ::-2]), 4)))
# expect~ (-0.5493061443340549, 0.5493061443340549, 0.9729550745276566, 0.12565721414045303) 1e-12
let s = x as f32
print(atanh(s).dtype)  # expect: f32
print((v for v in atanh(s)))
# expect~ (-1.4722193640997716, -0.5493061443340549, 0.10033534923624338, 0.6931472178128492, 1.8317807007988993) 1e-5
let many = linspace(-0.99, 0.99, 1001)
print(sum(atanh(many)))
# expect~ 0 1e-10
print(all(abs(atanh(many)[100:110] - atanh(many[100:110])) < 1e-12 * (1 + abs(atanh(many[100:110])))))  # expect: true
print(atanh([-1, 0, 1] as i64).dtype)  # expect: f64
print((v for v in atanh([-1, 0, 1] as i64)))
# expect~ (-inf, 0, inf) 1e-12
print((v for v in grad(x -> sum(atanh(x)))(x)))
# expect~ (5.263157894736843, 1.3333333333333333, 1.0101010101010102, 1.5625, 10.256410256410254) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(atanh(y)))(x) ^ 2))(x)))
# expect~ (-524.8578509986883, -4.7407407407407405, 0.41224406085134596, 9.1552734375, 4099.866821760309) 1e-09
