# asinh, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print((v for v in asinh(x)))
# expect~ (-1.6472311463710958, -0.881373587019543, -0.29567304756342244, 0.3900353197707153, 0.881373587019543, 1.7362775864618003) 1e-12
print(asinh(0.4))
# expect~ 0.3900353197707153 1e-12
print(asinh(zeros(0)).shape)  # expect: (0,)
print(asinh(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in asinh([-0.3])))
# expect~ (-0.29567304756342244,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((asinh(A')).shape)  # expect: (3, 2)
print((v for v in reshape(asinh(A'), 6)))
# expect~ (0.48121182505960347, 0.24746646154726346, 1.1947632172871092, 1.8184464592320668, 1.4436354751788103, 2.0947125472611012) 1e-12
print((asinh(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(asinh(A[:, ::-2]), 4)))
# expect~ (1.4436354751788103, 0.48121182505960347, 2.0947125472611012, 0.24746646154726346) 1e-12
let s = x as f32
print(asinh(s).dtype)  # expect: f32
print((v for v in asinh(s)))
# expect~ (-1.6472311463710958, -0.881373587019543, -0.2956730589816015, 0.3900353253048676, 0.881373587019543, 1.7362775864618003) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(asinh(many)))
# expect~ 25.679696918102536 1e-10
print(all(abs(asinh(many)[100:110] - asinh(many[100:110])) < 1e-12 * (1 + abs(asinh(many[100:110])))))  # expect: true
print(asinh([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in asinh([1, 2, 3] as i64)))
# expect~ (0.881373587019543, 1.4436354751788103, 1.8184464592320668) 1e-12
print((v for v in asinh([true, false])))
# expect~ (0.881373587019543, 0) 1e-12
print((v for v in grad(x -> sum(asinh(x)))(x)))
# expect~ (0.3713906763541037, 0.7071067811865475, 0.9578262852211513, 0.9284766908852592, 0.7071067811865475, 0.3417430630867044) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(asinh(y)))(x) ^ 2))(x)))
# expect~ (0.09512485136741973, 0.49999999999999983, 0.5050079959599358, -0.594530321046373, -0.49999999999999983, -0.0750173157866695) 1e-09
