# lgamma, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-1.5, 0.5, 1.5, 3, 4.5, 100]
print((v for v in lgamma(x)))
# expect~ (0.860047015376481, 0.5723649429247, -0.12078223763524526, 0.6931471805599453, 2.4537365708424423, 359.1342053695754) 1e-11
print(lgamma(3))
# expect~ 0.6931471805599453 1e-11
let e = [1 / 0, 0 / 0, 0]
print((v for v in lgamma(e)))
# expect~ (inf, nan, inf) 1e-11
print(lgamma(zeros(0)).shape)  # expect: (0,)
print(lgamma(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in lgamma([1.5])))
# expect~ (-0.12078223763524526,) 1e-11
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((lgamma(A')).shape)  # expect: (3, 2)
print((v for v in reshape(lgamma(A'), 6)))
# expect~ (0.5723649429247, 1.2880225246980774, -0.12078223763524526, 0.6931471805599453, 0, 1.791759469228055) 1e-12
print((lgamma(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(lgamma(A[:, ::-2]), 4)))
# expect~ (0, 0.5723649429247, 1.791759469228055, 1.2880225246980774) 1e-12
let s = x as f32
print(lgamma(s).dtype)  # expect: f32
let many = linspace(0.05, 20, 1001)
print(sum(lgamma(many)))
# expect~ 14951.880255665708 1e-10
print(all(abs(lgamma(many)[100:110] - lgamma(many[100:110])) < 1e-12 * (1 + abs(lgamma(many[100:110])))))  # expect: true
print(lgamma([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in lgamma([1, 2, 3] as i64)))
# expect~ (0, 0, 0.6931471805599453) 1e-12
print((v for v in grad(x -> sum(lgamma(x)))(x)))
# expect~ (0.7031566406452433, -1.9635100260214229, 0.036489973978576194, 0.922784335098467, 1.3888709263595287, 4.600161852738088) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(lgamma(y)))(x) ^ 2))(x)))
# expect~ (13.190159125151142, -19.379067200408524, 0.0682218159771441, 0.7288779407230581, 0.6908941285918098, 0.09246478659665426) 1e-09
