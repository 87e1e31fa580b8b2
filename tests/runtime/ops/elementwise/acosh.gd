# acosh, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [1.1, 1.5, 2, 2.75, 10]
print((v for v in acosh(x)))
# expect~ (0.4435682543851154, 0.9624236501192069, 1.3169578969248168, 1.66991903058777, 2.993222846126381) 1e-12
print(acosh(2.75))
# expect~ 1.66991903058777 1e-12
print(acosh(zeros(0)).shape)  # expect: (0,)
print(acosh(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in acosh([2])))
# expect~ (1.3169578969248168,) 1e-12
let A = reshape([1.5, 2.5, 2, 1.25, 3, 4], 2, 3)
print((acosh(A')).shape)  # expect: (3, 2)
print((v for v in reshape(acosh(A'), 6)))
# expect~ (0.9624236501192069, 0.6931471805599453, 1.566799236972411, 1.762747174039086, 1.3169578969248168, 2.0634370688955603) 1e-12
print((acosh(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(acosh(A[:, ::-2]), 4)))
# expect~ (1.3169578969248168, 0.9624236501192069, 2.0634370688955603, 0.6931471805599453) 1e-12
let s = x as f32
print(acosh(s).dtype)  # expect: f32
print((v for v in acosh(s)))
# expect~ (0.44356830641231126, 0.9624236501192069, 1.3169578969248168, 1.66991903058777, 2.993222846126381) 1e-5
let many = linspace(1.05, 20, 1001)
print(sum(acosh(many)))
# expect~ 2839.9692095053456 1e-10
print(all(abs(acosh(many)[100:110] - acosh(many[100:110])) < 1e-12 * (1 + abs(acosh(many[100:110])))))  # expect: true
print(acosh([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in acosh([1, 2, 3] as i64)))
# expect~ (0, 1.3169578969248168, 1.762747174039086) 1e-12
print((v for v in grad(x -> sum(acosh(x)))(x)))
# expect~ (2.1821789023599227, 0.8944271909999159, 0.5773502691896258, 0.3903600291794133, 0.10050378152592121) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(acosh(y)))(x) ^ 2))(x)))
# expect~ (-49.88662131519265, -1.9199999999999997, -0.4444444444444447, -0.1277097505668935, -0.0020406081012141622) 1e-09
