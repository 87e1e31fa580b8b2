# leaky_relu, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print((v for v in leaky_relu(x)))
# expect~ (-0.025, -0.01, -0.003, 0.4, 1, 2.75) 1e-12
print(leaky_relu(0.4))
# expect~ 0.4 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in leaky_relu(e)))
# expect~ (inf, -inf, nan, 0) 1e-12
print(leaky_relu(zeros(0)).shape)  # expect: (0,)
print(leaky_relu(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in leaky_relu([-0.3])))
# expect~ (-0.003,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((leaky_relu(A')).shape)  # expect: (3, 2)
print((v for v in reshape(leaky_relu(A'), 6)))
# expect~ (0.5, 0.25, 1.5, 3, 2, 4) 1e-12
print((leaky_relu(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(leaky_relu(A[:, ::-2]), 4)))
# expect~ (2, 0.5, 4, 0.25) 1e-12
let s = x as f32
print(leaky_relu(s).dtype)  # expect: f32
print((v for v in leaky_relu(s)))
# expect~ (-0.025, -0.01, -0.0030000001192092896, 0.4000000059604645, 1, 2.75) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(leaky_relu(many)))
# expect~ 1054.6036930000002 1e-10
print(all(abs(leaky_relu(many)[100:110] - leaky_relu(many[100:110])) < 1e-12 * (1 + abs(leaky_relu(many[100:110])))))  # expect: true
print(leaky_relu([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in leaky_relu([1, 2, 3] as i64)))
# expect~ (1, 2, 3) 1e-12
print((v for v in leaky_relu([true, false])))
# expect~ (1, 0) 1e-12
print((v for v in grad(x -> sum(leaky_relu(x)))(x)))
# expect~ (0.01, 0.01, 0.01, 1, 1, 1) 1e-11
print(grad(x -> sum(grad(y -> sum(leaky_relu(y)))(x) ^ 2))(x))  # expect: [0, 0, 0, 0, 0, 0]
