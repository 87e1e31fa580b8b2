# erf, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75, 5]
print((v for v in erf(x)))
# expect~ (-0.999593047982555, -0.8427007929497148, -0.3286267594591274, 0.42839235504666845, 0.8427007929497148, 0.9998993780778803, 0.9999999999984626) 1e-12
print(erf(0.4))
# expect~ 0.42839235504666845 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in erf(e)))
# expect~ (1, -1, nan, 0) 1e-12
print(erf(zeros(0)).shape)  # expect: (0,)
print(erf(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in erf([-0.3])))
# expect~ (-0.3286267594591274,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((erf(A')).shape)  # expect: (3, 2)
print((v for v in reshape(erf(A'), 6)))
# expect~ (0.5204998778130465, 0.2763263901682369, 0.9661051464753108, 0.9999779095030014, 0.9953222650189527, 0.9999999845827421) 1e-12
print((erf(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(erf(A[:, ::-2]), 4)))
# expect~ (0.9953222650189527, 0.5204998778130465, 0.9999999845827421, 0.2763263901682369) 1e-12
let s = x as f32
print(erf(s).dtype)  # expect: f32
print((v for v in erf(s)))
# expect~ (-0.999593047982555, -0.8427007929497148, -0.32862677175271543, 0.4283923607779012, 0.8427007929497148, 0.9998993780778803, 0.9999999999984626) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(erf(many)))
# expect~ 12.048192718586847 1e-10
print(all(abs(erf(many)[100:110] - erf(many[100:110])) < 1e-12 * (1 + abs(erf(many[100:110])))))  # expect: true
print(erf([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in erf([1, 2, 3] as i64)))
# expect~ (0.8427007929497148, 0.9953222650189527, 0.9999779095030014) 1e-12
print((v for v in erf([true, false])))
# expect~ (0.8427007929497148, 0) 1e-12
print((v for v in grad(x -> sum(erf(x)))(x)))
# expect~ (0.00217828423035271, 0.4151074974205947, 1.031260909618963, 0.9615412988393078, 0.4151074974205947, 0.0005862772470937923, 1.5670866531017336e-11) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(erf(y)))(x) ^ 2))(x)))
# expect~ (4.7449221882032976e-05, 0.6892569376591562, 1.2761988764497574, -1.479298670997733, -0.6892569376591562, -3.7809311150586316e-06, -4.911521156659186e-21) 1e-09
