# sign, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print(sign(x))  # expect: [-1, -1, -1, 1, 1, 1]
print(sign(0.4))  # expect: 1
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in sign(e)))
# expect~ (1, -1, nan, 0) 1e-12
print(sign(zeros(0)).shape)  # expect: (0,)
print(sign(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print(sign([-0.3]))  # expect: [-1]
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((sign(A')).shape)  # expect: (3, 2)
print((v for v in reshape(sign(A'), 6)))
# expect~ (1, 1, 1, 1, 1, 1) 1e-12
print((sign(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(sign(A[:, ::-2]), 4)))
# expect~ (1, 1, 1, 1) 1e-12
let s = x as f32
print(sign(s).dtype)  # expect: f32
print((v for v in sign(s)))
# expect~ (-1, -1, -1, 1, 1, 1) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(sign(many)))
# expect~ 13 1e-10
print(all(sign(many)[100:110] == sign(many[100:110])))  # expect: true
print(sign([-2, 0, 3] as i32))  # expect: [-1, 0, 1]
print(sign([-2, 0, 3] as i32).dtype)  # expect: i32
print((v for v in grad(x -> sum(sign(x)))(x)))
# expect~ (0, 0, 0, 0, 0, 0) 1e-11
print(grad(x -> sum(grad(y -> sum(sign(y)))(x) ^ 2))(x))  # expect: [0, 0, 0, 0, 0, 0]
