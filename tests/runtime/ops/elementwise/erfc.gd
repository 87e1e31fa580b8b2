# erfc, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75, 6]
print((v for v in erfc(x)))
# expect~ (1.999593047982555, 1.8427007929497148, 1.3286267594591274, 0.5716076449533316, 0.15729920705028516, 0.00010062192211963682, 2.1519736712498913e-17) 1e-11
print(erfc(0.4))
# expect~ 0.5716076449533316 1e-11
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in erfc(e)))
# expect~ (0, 2, nan, 1) 1e-11
print(erfc(zeros(0)).shape)  # expect: (0,)
print(erfc(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in erfc([-0.3])))
# expect~ (1.3286267594591274,) 1e-11
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((erfc(A')).shape)  # expect: (3, 2)
print((v for v in reshape(erfc(A'), 6)))
# expect~ (0.4795001221869535, 0.7236736098317631, 0.03389485352468927, 2.2090496998585445e-05, 0.004677734981047266, 1.541725790028002e-08) 1e-12
print((erfc(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(erfc(A[:, ::-2]), 4)))
# expect~ (0.004677734981047266, 0.4795001221869535, 1.541725790028002e-08, 0.7236736098317631) 1e-12
let s = x as f32
print(erfc(s).dtype)  # expect: f32
print((v for v in erfc(s)))
# expect~ (1.999593047982555, 1.8427007929497148, 1.3286267717527154, 0.5716076392220988, 0.15729920705028516, 0.00010062192211963682, 2.1519736712498913e-17) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(erfc(many)))
# expect~ 988.9518072814133 1e-10
print(all(abs(erfc(many)[100:110] - erfc(many[100:110])) < 1e-12 * (1 + abs(erfc(many[100:110])))))  # expect: true
print(erfc([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in erfc([1, 2, 3] as i64)))
# expect~ (0.15729920705028516, 0.004677734981047266, 2.2090496998585445e-05) 1e-12
print((v for v in erfc([true, false])))
# expect~ (0.15729920705028516, 1) 1e-12
print((v for v in grad(x -> sum(erfc(x)))(x)))
# expect~ (-0.00217828423035271, -0.4151074974205947, -1.031260909618963, -0.9615412988393078, -0.4151074974205947, -0.0005862772470937923, -2.6173012392492645e-16) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(erfc(y)))(x) ^ 2))(x)))
# expect~ (4.7449221882032976e-05, 0.6892569376591562, 1.2761988764497574, -1.479298670997733, -0.6892569376591562, -3.7809311150586316e-06, -1.6440637864741766e-30) 1e-09
