# sqrt, element by element
# source: NumPy 1.24.2, SciPy 1.10.1; derivatives: PyTorch 1.13.0a0
let x = [0.1, 0.5, 1, 2.75, 10, 1000]
print((v for v in sqrt(x)))
# expect~ (0.31622776601683794, 0.7071067811865476, 1, 1.6583123951777, 3.1622776601683795, 31.622776601683793) 1e-12
print(sqrt(2.75))
# expect~ 1.6583123951777 1e-12
let e = [1 / 0, -1 / 0, 0 / 0, 0]
print((v for v in sqrt(e)))
# expect~ (inf, nan, nan, 0) 1e-12
print(sqrt(zeros(0)).shape)  # expect: (0,)
print(sqrt(zeros(2, 0, 3) + 1.5).shape)  # expect: (2, 0, 3)
print((v for v in sqrt([1])))
# expect~ (1,) 1e-12
let A = reshape([0.5, 1.5, 2, 0.25, 3, 4], 2, 3)
print((sqrt(A')).shape)  # expect: (3, 2)
print((v for v in reshape(sqrt(A'), 6)))
# expect~ (0.7071067811865476, 0.5, 1.224744871391589, 1.7320508075688772, 1.4142135623730951, 2) 1e-12
print((sqrt(A[:, ::-2])).shape)  # expect: (2, 2)
print((v for v in reshape(sqrt(A[:, ::-2]), 4)))
# expect~ (1.4142135623730951, 0.7071067811865476, 2, 0.5) 1e-12
let s = x as f32
print(sqrt(s).dtype)  # expect: f32
print((v for v in sqrt(s)))
# expect~ (0.3162277683729184, 0.7071067811865476, 1, 1.6583123951777, 3.1622776601683795, 31.622776601683793) 1e-5
let many = linspace(0.05, 20, 1001)
print(sum(sqrt(many)))
# expect~ 2990.866945459172 1e-10
print(all(abs(sqrt(many)[100:110] - sqrt(many[100:110])) < 1e-12 * (1 + abs(sqrt(many[100:110])))))  # expect: true
print(sqrt([1, 2, 3] as i64).dtype)  # expect: f64
print((v for v in sqrt([1, 2, 3] as i64)))
# expect~ (1, 1.4142135623730951, 1.7320508075688772) 1e-12
print((v for v in sqrt([true, false])))
# expect~ (1, 0) 1e-12
print((v for v in grad(x -> sum(sqrt(x)))(x)))
# expect~ (1.5811388300841895, 0.7071067811865475, 0.5, 0.30151134457776363, 0.15811388300841897, 0.015811388300841896) 1e-11
print((v for v in grad(x -> sum(grad(y -> sum(sqrt(y)))(x) ^ 2))(x)))
# expect~ (-24.999999999999993, -0.9999999999999997, -0.25, -0.03305785123966942, -0.0024999999999999996, -2.5000000000000004e-07) 1e-09
