# atan, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print((v for v in atan(x)))
# expect~ (-1.1902899496825317, -0.7853981633974483, -0.2914567944778671, 0.3805063771123649, 0.7853981633974483, 1.2220253232109897) 1e-12
print(atan(0.4))
# expect~ 0.3805063771123649 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in atan(e)))
# expect~ (1.5707963267948966, -1.5707963267948966, nan, 0) 1e-12
print(atan(zeros(0)).shape)  # expect: (0,)
print(atan(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in atan([-0.3])))
# expect~ (-0.2914567944778671,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((atan(A')).shape)  # expect: (3, 2)
print((v for v in reshape(atan(A'), 6)))
# expect~ (0.4636476090008061, 0.24497866312686414, 0.982793723247329, 1.2490457723982544, 1.1071487177940904, 1.3258176636680326) 1e-12
print((atan(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(atan(A[:, ::-2]), 4)))
# expect~ (1.1071487177940904, 0.4636476090008061, 1.3258176636680326, 0.24497866312686414) 1e-12
let s = x as f32
print(atan(s).dtype)  # expect: f32
print((v for v in atan(s)))
# expect~ (-1.1902899496825317, -0.7853981633974483, -0.29145680541449914, 0.38050638225069633, 0.7853981633974483, 1.2220253232109897) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(atan(many)))
# expect~ 16.07900475776046 1e-10
print(all(abs(atan(many)[100:110] - atan(many[100:110])) < 1e-12 * (1 + abs(atan(many[100:110])))))  # expect: true
print(atan([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in atan([1, 2, 3] as i64)))
# expect~ (0.7853981633974483, 1.1071487177940904, 1.2490457723982544) 1e-12
print((v for v in atan([true, false])))
# expect~ (0.7853981633974483, 0) 1e-12
print((v for v in grad(x -> sum(atan(x)))(x)))
# expect~ (0.13793103448275862, 0.5, 0.9174311926605504, 0.8620689655172413, 0.5, 0.11678832116788321) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(atan(y)))(x) ^ 2))(x)))
# expect~ (0.026241338308253717, 0.5, 0.9266201760732768, -1.0250522776661608, -0.5, -0.017522292738492148) 1e-09
