# ceil, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print(ceil(x))  # expect: [-2, -1, 0, 1, 1, 3]
print(ceil(0.4))  # expect: 1
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in ceil(e)))
# expect~ (inf, -inf, nan, 0) 1e-12
print(ceil(zeros(0)).shape)  # expect: (0,)
print(ceil(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print(ceil([-0.3]))  # expect: [0]
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((ceil(A')).shape)  # expect: (3, 2)
print((v for v in reshape(ceil(A'), 6)))
# expect~ (1, 1, 2, 3, 2, 4) 1e-12
print((ceil(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(ceil(A[:, ::-2]), 4)))
# expect~ (2, 1, 4, 1) 1e-12
let s = x as f32
print(ceil(s).dtype)  # expect: f32
print((v for v in ceil(s)))
# expect~ (-2, -1, 0, 1, 1, 3) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(ceil(many)))
# expect~ 555 1e-10
print(all(ceil(many)[100:110] == ceil(many[100:110])))  # expect: true
print((v for v in grad(x -> sum(ceil(x)))(x)))
# expect~ (0, 0, 0, 0, 0, 0) 1e-11
print(grad(x -> sum(grad(y -> sum(ceil(y)))(x) ^ 2))(x))  # expect: [0, 0, 0, 0, 0, 0]
