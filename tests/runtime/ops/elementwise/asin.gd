# asin, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-0.9, -0.5, 0.1, 0.6, 0.95]
print((v for v in asin(x)))
# expect~ (-1.1197695149986342, -0.5235987755982989, 0.1001674211615598, 0.6435011087932843, 1.253235897503375) 1e-12
print(asin(0.6))
# expect~ 0.6435011087932843 1e-12
print(asin(zeros(0)).shape)  # expect: (0,)
print(asin(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in asin([0.1])))
# expect~ (0.1001674211615598,) 1e-12
let A = reshape([0.5, 0.25, -0.5, 0.125, 0, 0.75], 2, 3)
print((asin(A')).shape)  # expect: (3, 2)
print((v for v in reshape(asin(A'), 6)))
# expect~ (0.5235987755982989, 0.1253278311680654, 0.25268025514207865, 0, -0.5235987755982989, 0.8480620789814809) 1e-12
print((asin(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(asin(A[:, ::-2]), 4)))
# expect~ (-0.5235987755982989, 0.5235987755982989, 0.8480620789814809, 0.1253278311680654) 1e-12
let s = x as f32
print(asin(s).dtype)  # expect: f32
print((v for v in asin(s)))
# expect~ (-1.119769460301664, -0.5235987755982989, 0.10016742265918284, 0.6435011385956071, 1.2532358593258506) 1e-5
let many = linspace(-0.99, 0.99, 1001)
print(sum(asin(many)))
# expect~ 0 1e-10
print(all(abs(asin(many)[100:110] - asin(many[100:110])) < 1e-12 * (1 + abs(asin(many[100:110])))))  # expect: true
print(asin([-1, 0, 1] as i64).dtype)  # expect: f64
print((v for v in asin([-1, 0, 1] as i64)))
# expect~ (-1.5707963267948966, 0, 1.5707963267948966) 1e-12
print((v for v in grad(x -> sum(asin(x)))(x)))
# expect~ (2.294157338705618, 1.1547005383792517, 1.005037815259212, 1.25, 3.202563076101742) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(asin(y)))(x) ^ 2))(x)))
# expect~ (-49.86149584487538, -1.7777777777777788, 0.20406081012141622, 2.9296875, 199.86850756081503) 1e-09
