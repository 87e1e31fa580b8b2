# applied to the gradient in the order written, before the optimiser
var w = [0, 0]
descend w using gd(lr: 1), clip_norm(1) for 1 { -(3 * w[0] + 4 * w[1]) }
print((v for v in w))  # expect~ (0.6, 0.8) 1e-5
var v = [0, 0]
descend v using gd(lr: 1), clip_value(1) for 1 { -(3 * v[0] + 0.5 * v[1]) }
print(v)   # expect: [1, 0.5]
var u = [0, 0]
descend u using gd(lr: 1), clip_value(1), clip_norm(1) for 1 { -(30 * u[0] + 40 * u[1]) }
print((v for v in u))  # expect~ (0.7071068, 0.7071068) 1e-5
var s = [0, 0]
descend s using gd(lr: 1), clip_norm(100) for 1 { -(3 * s[0] + 4 * s[1]) }
print(s)   # expect: [3, 4]
