# fixed_point: values and derivatives.
fn near(a, b, tol) = all(abs(a - b) <= tol * max(1, abs(b)))

# the Dottie number; x = cos(a x): dx/da = -x sin(a x) / (1 + a sin(a x))
assert near(fixed_point(cos, 1), 0.7390851332151607, 1e-15)
let c = a -> fixed_point(x -> cos(a * x), 1)
let x = c(1)
let d1 = -x * sin(x) / (1 + sin(x))
assert near(c'(1), d1, 1e-12) and near(jvp(c, 1, 1)[1], d1, 1e-12)
let d2 = grad(a -> { let x = c(a); -x * sin(a * x) / (1 + a * sin(a * x)) })(1)
assert near(c''(1), d2, 1e-12) and near(jvp(c', 1, 1)[1], d2, 1e-12)
assert near(grad(a -> jvp(c, a, 1)[1])(1), d2, 1e-12)
assert near(jvp(b -> jvp(c, b, 1)[1], 1, 1)[1], d2, 1e-12)

# an affine map: x = M x + b is solve(I - M, b)
let M = [[0.5, 0.2], [-0.3, 0.4]]
let by_map = (M, b) -> sum(fixed_point(x -> M @ x + b, [0, 0]) * [1, 3])
let by_solve = (M, b) -> sum(solve(eye(2) - M, b) * [1, 3])
let (gM, gb) = grad(by_map, wrt: (0, 1))(M, [1, 2])
let (hM, hb) = grad(by_solve, wrt: (0, 1))(M, [1, 2])
assert near(gM, hM, 1e-11) and near(gb, hb, 1e-11)
assert near(hessian(M -> by_map(M, [1, 2]))(M), hessian(M -> by_solve(M, [1, 2]))(M), 1e-10)

# Babylonian square root, as in the manual; a deep-equilibrium layer: the gradient of check_grad
assert near(grad(a -> fixed_point((x, a) -> (x + a / x) / 2, 1, a))(4), 0.25, 1e-13)
seed(5)
let W = normal(6, 6) * 0.2
let layer = (W, u) -> sum(fixed_point(z -> tanh(W @ z + u), zeros(6))^2)
assert check_grad(layer, W, normal(6)).error < 1e-8

# trees; slow maps that plain iteration would need thousands of steps for
let pair = fixed_point(s -> (a: 0.5 * s.a + 1, b: [s.a, 0.1]), (a: 0, b: [0, 0]))
assert near(pair.a, 2, 1e-11) and near(pair.b, [2, 0.1], 1e-11)
assert near(fixed_point(x -> 0.999 * x + 1, 0), 1000, 1e-9)
let r = fixed_point(x -> x + 1, 0, max_steps: 20, report: true)
assert not r.converged and r.residual == 1 and r.steps == 20
print("ok")   # expect: ok
