# tanh, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [-2.5, -1, -0.3, 0.4, 1, 2.75, 30]
print((v for v in tanh(x)))
# expect~ (-0.9866142981514303, -0.7615941559557649, -0.2913126124515909, 0.3799489622552249, 0.7615941559557649, 0.9918597245682078, 1) 1e-12
print(tanh(0.4))
# expect~ 0.3799489622552249 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in tanh(e)))
# expect~ (1, -1, nan, 0) 1e-12
print(tanh(zeros(0)).shape)  # expect: (0,)
print(tanh(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in tanh([-0.3])))
# expect~ (-0.2913126124515909,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((tanh(A')).shape)  # expect: (3, 2)
print((v for v in reshape(tanh(A'), 6)))
# expect~ (0.46211715726000974, 0.24491866240370913, 0.9051482536448665, 0.9950547536867305, 0.9640275800758169, 0.999329299739067) 1e-12
print((tanh(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(tanh(A[:, ::-2]), 4)))
# expect~ (0.9640275800758169, 0.46211715726000974, 0.999329299739067, 0.24491866240370913) 1e-12
let s = x as f32
print(tanh(s).dtype)  # expect: f32
print((v for v in tanh(s)))
# expect~ (-0.9866142981514303, -0.7615941559557649, -0.2913126233608736, 0.37994896735522943, 0.7615941559557649, 0.9918597245682078, 1) 1e-5
let many = linspace(-4.1, 4.2, 1001)
print(sum(tanh(many)))
# expect~ 12.042245549773384 1e-10
print(all(abs(tanh(many)[100:110] - tanh(many[100:110])) < 1e-12 * (1 + abs(tanh(many[100:110])))))  # expect: true
print(tanh([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in tanh([1, 2, 3] as i64)))
# expect~ (0.7615941559557649, 0.9640275800758169, 0.9950547536867305) 1e-12
print((v for v in tanh([true, false])))
# expect~ (0.7615941559557649, 0) 1e-12
print((v for v in grad(x -> sum(tanh(x)))(x)))
# expect~ (0.02659222668316057, 0.41997434161402614, 0.9151369618266292, 0.8556387860811777, 0.41997434161402614, 0.016214286779479156, 0) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(tanh(y)))(x) ^ 2))(x)))
# expect~ (0.002790723469956175, 0.5373151797579001, 0.9758688882365896, -1.1126694904627816, -0.5373151797579001, -0.001043051968623107, 0) 1e-09
