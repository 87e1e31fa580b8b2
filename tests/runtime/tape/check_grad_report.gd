fn f(x, p) = sum(sin(x)) * p.w[1, 0]
let r = check_grad(f, [1, 2], (w: [[1, 2], [3, 4]], n: 3))
print(r.error < 1e-9, r.checked)  # expect: true 7
# a wrong rule is found, and where
fn g(x) = x ^ 2
adjoint g(x, y, dy) = dy * [2 * x[0], 2 * x[1], 0]
let bad = check_grad(x -> sum(g(x)), [1, 2, 3])
print(bad.error > 0.9, bad.at, bad.gradient)  # expect: true x[2] 0
print(bad.difference)                         # expect~ 6 1e-8
# results of several numbers, f32
print(check_grad(x -> x ^ 2, [1, 2]).error < 1e-9)       # expect: true
print(check_grad(x -> sum(x ^ 2), [1, 2] as f32).error < 1e-3)  # expect: true
