# acos, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-0.9, -0.5, 0.1, 0.6, 0.95]
print((v for v in acos(x)))
# expect~ (2.6905658417935308, 2.0943951023931957, 1.4706289056333368, 0.9272952180016123, 0.3175604292915215) 1e-12
print(acos(0.6))
# expect~ 0.9272952180016123 1e-12
print(acos(zeros(0)).shape)  # expect: (0,)
print(acos(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in acos([0.1])))
# expect~ (1.4706289056333368,) 1e-12
let A = reshape([0.5, 0.25, -0.5, 0.125, 0, 0.75], 2, 3)
print((acos(A')).shape)  # expect: (3, 2)
print((v for v in reshape(acos(A'), 6)))
# expect~ (1.0471975511965976, 1.445468495626831, 1.318116071652818, 1.5707963267948966, 2.0943951023931957, 0.7227342478134157) 1e-12
print((acos(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(acos(A[:, ::-2]), 4)))
# expect~ (2.0943951023931957, 1.0471975511965976, 0.7227342478134157, 1.445468495626831) 1e-12
let s = x as f32
print(acos(s).dtype)  # expect: f32
print((v for v in acos(s)))
# expect~ (2.6905657870965607, 2.0943951023931957, 1.4706289041357137, 0.9272951881992895, 0.31756046746904604) 1e-5
let many = linspace(-0.99, 0.99, 1001)
print(sum(acos(many)))
# expect~ 1572.3671231216915 1e-10
print(all(abs(acos(many)[100:110] - acos(many[100:110])) < 1e-12 * (1 + abs(acos(many[100:110])))))  # expect: true
print(acos([-1, 0, 1] as i64).dtype)  # expect: f64
print((v for v in acos([-1, 0, 1] as i64)))
# expect~ (3.141592653589793, 1.5707963267948966, 0) 1e-12
print((v for v in grad(x -> sum(acos(x)))(x)))
# expect~ (-2.294157338705618, -1.1547005383792517, -1.005037815259212, -1.25, -3.202563076101742) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(acos(y)))(x) ^ 2))(x)))
# expect~ (-49.86149584487538, -1.7777777777777788, 0.20406081012141622, 2.9296875, 199.86850756081503) 1e-09
