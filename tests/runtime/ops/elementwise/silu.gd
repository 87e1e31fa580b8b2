# silu, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print((v for v in silu(x)))
# expect~ (-0.18964545005310887, -0.2689414213699951, -0.1276672449565023, 0.2394750640449808, 0.7310585786300049, 2.584761712021479) 1e-12
print(silu(0.4))
# expect~ 0.2394750640449808 1e-12
print(silu(zeros(0)).shape)  # expect: (0,)
print(silu(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in silu([-0.3])))
# expect~ (-0.1276672449565023,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((silu(A')).shape)  # expect: (3, 2)
print((v for v in reshape(silu(A'), 6)))
# expect~ (0.3112296656009273, 0.14054412522144952, 1.2263617142904655, 2.8577223804673, 1.7615941559557646, 3.928055160151634) 1e-12
print((silu(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(silu(A[:, ::-2]), 4)))
# expect~ (1.7615941559557646, 0.3112296656009273, 3.928055160151634, 0.14054412522144952) 1e-12
let s = x as f32
print(silu(s).dtype)  # expect: f32
print((v for v in silu(s)))
# expect~ (-0.18964545005310887, -0.2689414213699951, -0.12766724915529173, 0.23947506818626363, 0.7310585786300049, 2.584761712021479) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(silu(many)))
# expect~ 885.941748624671 1e-10
print(all(abs(silu(many)[100:110] - silu(many[100:110])) < 1e-12 * (1 + abs(silu(many[100:110])))))  # expect: true
print(silu([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in silu([1, 2, 3] as i64)))
# expect~ (0.7310585786300049, 1.7615941559557646, 2.8577223804673) 1e-12
print((v for v in silu([true, false])))
# expect~ (0.7310585786300049, 0) 1e-12
print((v for v in grad(x -> sum(silu(x)))(x)))
# expect~ (-0.09940111134152683, 0.07232948812851325, 0.3522199896811173, 0.6947919584090636, 0.9276705118714869, 1.0952230225993962) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(silu(y)))(x) ^ 2))(x)))
# expect~ (0.0016822955255376276, 0.04373997320186726, 0.33672073796235236, 0.6413664516274045, 0.5609922644181633, -0.05189847368866514) 1e-09
