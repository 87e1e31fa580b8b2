# abs, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print((v for v in abs(x)))
# expect~ (2.5, 1, 0.3, 0.4, 1, 2.75) 1e-12
print(abs(0.4))
# expect~ 0.4 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in abs(e)))
# expect~ (inf, inf, nan, 0) 1e-12
print(abs(zeros(0)).shape)  # expect: (0,)
print(abs(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in abs([-0.3])))
# expect~ (0.3,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((abs(A')).shape)  # expect: (3, 2)
print((v for v in reshape(abs(A'), 6)))
# expect~ (0.5, 0.25, 1.5, 3, 2, 4) 1e-12
print((abs(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(abs(A[:, ::-2]), 4)))
# expect~ (2, 0.5, 4, 0.25) 1e-12
let s = x as f32
print(abs(s).dtype)  # expect: f32
print((v for v in abs(s)))
# expect~ (2.5, 1, 0.30000001192092896, 0.4000000059604645, 1, 2.75) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(abs(many)))
# expect~ 2079.4514 1e-10
print(all(abs(many)[100:110] == abs(many[100:110])))  # expect: true
print(abs([-2, 0, 3] as i32))  # expect: [2, 0, 3]
print(abs([-2, 0, 3] as i32).dtype)  # expect: i32
print((v for v in grad(x -> sum(abs(x)))(x)))
# expect~ (-1, -1, -1, 1, 1, 1) 1e-11
print(grad(x -> sum(grad(y -> sum(abs(y)))(x) ^ 2))(x))  # expect: [0, 0, 0, 0, 0, 0]
