# log10, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [0.1, 0.5, 1, 2.75, 10, 1000]
print((v for v in log10(x)))
# expect~ (-1, -0.3010299956639812, 0, 0.43933269383026263, 1, 3) 1e-12
print(log10(2.75))
# expect~ 0.43933269383026263 1e-12
print(log10(zeros(0)).shape)  # expect: (0,)
print(log10(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in log10([1])))
# expect~ (0,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((log10(A')).shape)  # expect: (3, 2)
print((v for v in reshape(log10(A'), 6)))
# expect~ (-0.3010299956639812, -0.6020599913279624, 0.17609125905568124, 0.47712125471966244, 0.3010299956639812, 0.6020599913279624) 1e-12
print((log10(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(log10(A[:, ::-2]), 4)))
# expect~ (0.3010299956639812, -0.3010299956639812, 0.6020599913279624, -0.6020599913279624) 1e-12
let s = x as f32
print(log10(s).dtype)  # expect: f32
print((v for v in log10(s)))
# expect~ (-0.999999993528508, -0.3010299956639812, 0, 0.43933269383026263, 1, 3) 1e-5
let many = linspace(0.05, 20, 1001)
print(sum(log10(many)))
# expect~ 873.2426366724974 1e-10
print(all(abs(log10(many)[100:110] - log10(many[100:110])) < 1e-12 * (1 + abs(log10(many[100:110])))))  # expect: true
print(log10([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in log10([1, 2, 3] as i64)))
# expect~ (0, 0.3010299956639812, 0.47712125471966244) 1e-12
print((v for v in grad(x -> sum(log10(x)))(x)))
# expect~ (4.342944819032518, 0.8685889638065037, 0.43429448190325187, 0.15792526614663704, 0.04342944819032519, 0.00043429448190325184) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(log10(y)))(x) ^ 2))(x)))
# expect~ (-377.2233940232279, -3.0177871521858233, -0.3772233940232279, -0.018138465227262653, -0.00037722339402322793, -3.772233940232279e-10) 1e-09
