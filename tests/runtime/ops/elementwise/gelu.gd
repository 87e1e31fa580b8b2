# gelu, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print((v for v in gelu(x)))
# expect~ (-0.015524163314440398, -0.15865525393145707, -0.1146265733433142, 0.2621686966441297, 0.8413447460685429, 2.7418056511035998) 1e-12
print(gelu(0.4))
# expect~ 0.2621686966441297 1e-12
print(gelu(zeros(0)).shape)  # expect: (0,)
print(gelu(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in gelu([-0.3])))
# expect~ (-0.1146265733433142,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((gelu(A')).shape)  # expect: (3, 2)
print((v for v in reshape(gelu(A'), 6)))
# expect~ (0.3457312306370065, 0.14967658142073093, 1.399789198096713, 2.99595030590511, 1.9544997361036416, 3.9998733150326675) 1e-12
print((gelu(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(gelu(A[:, ::-2]), 4)))
# expect~ (1.9544997361036416, 0.3457312306370065, 3.9998733150326675, 0.14967658142073093) 1e-12
let s = x as f32
print(gelu(s).dtype)  # expect: f32
print((v for v in gelu(s)))
# expect~ (-0.015524163314440398, -0.15865525393145707, -0.11462657653421585, 0.2621687014287721, 0.8413447460685429, 2.7418056511035998) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(gelu(many)))
# expect~ 1004.5141677917987 1e-10
print(all(abs(gelu(many)[100:110] - gelu(many[100:110])) < 1e-12 * (1 + abs(gelu(many[100:110])))))  # expect: true
print(gelu([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in gelu([1, 2, 3] as i64)))
# expect~ (0.8413447460685429, 1.9544997361036416, 2.99595030590511) 1e-12
print((v for v in gelu([true, false])))
# expect~ (0.8413447460685429, 0) 1e-12
print((v for v in grad(x -> sum(gelu(x)))(x)))
# expect~ (-0.03761108590814519, -0.08331547058768635, 0.26767223317289013, 0.8027297977316535, 1.0833154705876864, 1.0220275336443208) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(gelu(y)))(x) ^ 2))(x)))
# expect~ (0.005603696533342816, -0.04031980956351169, 0.3899720659885296, 1.0878868080695634, 0.5242612586017984, -0.10339431771790013) 1e-09
