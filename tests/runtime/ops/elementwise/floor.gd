# floor, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print(floor(x))  # expect: [-3, -1, -1, 0, 1, 2]
print(floor(0.4))  # expect: 0
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in floor(e)))
# expect~ (inf, -inf, nan, 0) 1e-12
print(floor(zeros(0)).shape)  # expect: (0,)
print(floor(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print(floor([-0.3]))  # expect: [-1]
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((floor(A')).shape)  # expect: (3, 2)
print((v for v in reshape(floor(A'), 6)))
# expect~ (0, 0, 1, 3, 2, 4) 1e-12
print((floor(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(floor(A[:, ::-2]), 4)))
# expect~ (2, 0, 4, 0) 1e-12
let s = x as f32
print(floor(s).dtype)  # expect: f32
print((v for v in floor(s)))
# expect~ (-3, -1, -1, 0, 1, 2) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(floor(many)))
# expect~ -446 1e-10
print(all(floor(many)[100:110] == floor(many[100:110])))  # expect: true
print((v for v in grad(x -> sum(floor(x)))(x)))
# expect~ (0, 0, 0, 0, 0, 0) 1e-11
print(grad(x -> sum(grad(y -> sum(floor(y)))(x) ^ 2))(x))  # expect: [0, 0, 0, 0, 0, 0]
