# tan, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75]
print((v for v in tan(x)))
# expect~ (0.7470222972386602, -1.557407724654902, -0.3093362496096232, 0.4227932187381618, 1.557407724654902, -0.4129178944849325) 1e-12
print(tan(0.4))
# expect~ 0.4227932187381618 1e-12
print(tan(zeros(0)).shape)  # expect: (0,)
print(tan(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in tan([-0.3])))
# expect~ (-0.3093362496096232,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((tan(A')).shape)  # expect: (3, 2)
print((v for v in reshape(tan(A'), 6)))
# expect~ (0.5463024898437905, 0.25534192122103627, 14.10141994717172, -0.1425465430742778, -2.185039863261519, 1.1578212823495775) 1e-12
print((tan(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(tan(A[:, ::-2]), 4)))
# expect~ (-2.185039863261519, 0.5463024898437905, 1.1578212823495775, 0.25534192122103627) 1e-12
let s = x as f32
print(tan(s).dtype)  # expect: f32
print((v for v in tan(s)))
# expect~ (0.7470222972386602, -1.557407724654902, -0.30933626267125297, 0.42279322576408374, 1.557407724654902, -0.4129178944849325) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(tan(many)))
# expect~ 132.99067235989793 1e-10
print(all(abs(tan(many)[100:110] - tan(many[100:110])) < 1e-12 * (1 + abs(tan(many[100:110])))))  # expect: true
print(tan([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in tan([1, 2, 3] as i64)))
# expect~ (1.557407724654902, -2.185039863261519, -0.1425465430742778) 1e-12
print((v for v in tan([true, false])))
# expect~ (1.557407724654902, 0) 1e-12
print((v for v in grad(x -> sum(tan(x)))(x)))
# expect~ (1.5580423125717253, 3.42551882081476, 1.095688915322547, 1.1787541058109752, 3.42551882081476, 1.1705011875858697) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(tan(y)))(x) ^ 2))(x)))
# expect~ (7.253574098935441, -73.09960526290335, -1.4854749867858537, 2.3498191632113077, 73.09960526290335, -2.262910683583888) 1e-09
