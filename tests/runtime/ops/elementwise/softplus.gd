# softplus, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75, 40]
print((v for v in softplus(x)))
# expect~ (0.07888973429254963, 0.31326168751822286, 0.5543552444685271, 0.9130152523999526, 1.3132616875182228, 2.8119675890031988, 40) 1e-12
print(softplus(0.4))
# expect~ 0.9130152523999526 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in softplus(e)))
# expect~ (inf, 0, nan, 0.6931471805599453) 1e-12
print(softplus(zeros(0)).shape)  # expect: (0,)
print(softplus(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in softplus([-0.3])))
# expect~ (0.5543552444685271,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((softplus(A')).shape)  # expect: (3, 2)
print((v for v in reshape(softplus(A'), 6)))
# expect~ (0.9740769841801067, 0.8259394198788436, 1.7014132779827524, 3.048587351573742, 2.1269280110429727, 4.0181499279178094) 1e-12
print((softplus(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(softplus(A[:, ::-2]), 4)))
# expect~ (2.1269280110429727, 0.9740769841801067, 4.0181499279178094, 0.8259394198788436) 1e-12
let s = x as f32
print(softplus(s).dtype)  # expect: f32
print((v for v in softplus(s)))
# expect~ (0.07888973429254963, 0.31326168751822286, 0.5543552393954867, 0.9130152559684092, 1.3132616875182228, 2.8119675890031988, 40) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(softplus(many)))
# expect~ 1259.1632972564644 1e-10
print(all(abs(softplus(many)[100:110] - softplus(many[100:110])) < 1e-12 * (1 + abs(softplus(many[100:110])))))  # expect: true
print(softplus([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in softplus([1, 2, 3] as i64)))
# expect~ (1.3132616875182228, 2.1269280110429727, 3.048587351573742) 1e-12
print((v for v in softplus([true, false])))
# expect~ (1.3132616875182228, 0.6931471805599453) 1e-12
print((v for v in grad(x -> sum(softplus(x)))(x)))
# expect~ (0.07585818002124355, 0.2689414213699951, 0.425557483188341, 0.5986876601124521, 0.7310585786300049, 0.9399133498259924, 1) 1e-11
