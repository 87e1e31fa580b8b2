# elu, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print((v for v in elu(x)))
# expect~ (-0.9179150013761012, -0.6321205588285577, -0.2591817793182821, 0.4, 1, 2.75) 1e-12
print(elu(0.4))
# expect~ 0.4 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in elu(e)))
# expect~ (inf, -1, nan, 0) 1e-12
print(elu(zeros(0)).shape)  # expect: (0,)
print(elu(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in elu([-0.3])))
# expect~ (-0.2591817793182821,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((elu(A')).shape)  # expect: (3, 2)
print((v for v in reshape(elu(A'), 6)))
# expect~ (0.5, 0.25, 1.5, 3, 2, 4) 1e-12
print((elu(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(elu(A[:, ::-2]), 4)))
# expect~ (2, 0.5, 4, 0.25) 1e-12
let s = x as f32
print(elu(s).dtype)  # expect: f32
print((v for v in elu(s)))
# expect~ (-0.9179150013761012, -0.6321205588285577, -0.2591817881495235, 0.4000000059604645, 1, 2.75) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(elu(many)))
# expect~ 688.7688852956205 1e-10
print(all(abs(elu(many)[100:110] - elu(many[100:110])) < 1e-12 * (1 + abs(elu(many[100:110])))))  # expect: true
print(elu([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in elu([1, 2, 3] as i64)))
# expect~ (1, 2, 3) 1e-12
print((v for v in elu([true, false])))
# expect~ (1, 0) 1e-12
print((v for v in grad(x -> sum(elu(x)))(x)))
# expect~ (0.0820849986238988, 0.36787944117144233, 0.7408182206817179, 1, 1, 1) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(elu(y)))(x) ^ 2))(x)))
# expect~ (0.013475893998170936, 0.2706705664732254, 1.097623272188053, 0, 0, 0) 1e-09
