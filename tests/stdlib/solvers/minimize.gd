# minimize: values and the derivative of the minimiser.
fn near(a, b, tol) = all(abs(a - b) <= tol * max(1, abs(b)))
assert near(minimize(x -> (x - 3)^2, 0), 3, 1e-12)

# ridge regression: w = (X'X + l I)^-1 X'y; the derivative by the hyperparameter, and of a validation loss, twice
seed(3)
let X = normal(20, 5)
let y = normal(20)
let Xv = normal(10, 5)
let yv = normal(10)
let ridge = l -> minimize((w, l) -> sum((X @ w - y)^2) + l * sum(w^2), zeros(5), l, tol: 1e-11)
let exact = l -> solve(X' @ X + l * eye(5), X' @ y)
assert near(ridge(0.5), exact(0.5), 1e-10)
assert near(jacobian(ridge)(0.5), jacobian(exact)(0.5), 1e-9)
let v = w -> sum((Xv @ w - yv)^2)
let J = l -> v(ridge(l))
let K = l -> v(exact(l))
assert near(J'(0.5), K'(0.5), 1e-9) and near(jvp(J, 0.5, 1)[1], K'(0.5), 1e-9)
assert near(J''(0.5), K''(0.5), 1e-8) and near(jvp(J', 0.5, 1)[1], K''(0.5), 1e-8)
assert near(grad(l -> jvp(J, l, 1)[1])(0.5), K''(0.5), 1e-8)
assert near(jvp(b -> jvp(J, b, 1)[1], 0.5, 1)[1], K''(0.5), 1e-8)

# Newton's method on the hyperparameter, through the second derivative
let best = root(u -> grad(u -> J(exp(u)))(u), 0)
assert abs(grad(u -> K(exp(u)))(best)) < 1e-9

# by the data, captured
let byX = grad(X -> sum(minimize(w -> sum((X @ w - y)^2) + sum(w^2), zeros(5), tol: 1e-11)))(X)
let toX = grad(X -> sum(solve(X' @ X + eye(5), X' @ y)))(X)
assert near(byX, toX, 1e-9)

# other optimisers, least squares, trees, models
assert near(minimize(x -> sum((x - [1, 2])^2), [0, 0], using: adam(lr: 0.05), max_steps: 5000), [1, 2], 1e-7)
let t = range(0, 5)
let fit = k -> minimize(p -> p[0] * exp(-p[1] * t) - 2 * exp(-k * t), [1, 1], using: lm())
assert near(fit(0.5), [2, 0.5], 1e-7) and near(jacobian(fit)(0.5), [0, 1], 1e-6)
let rosen = minimize(p -> (1 - p.x)^2 + 100 * (p.y - p.x^2)^2, (x: -1.2, y: 1))
assert near(rosen.x, 1, 1e-7) and near(rosen.y, 1, 1e-7)
model Line() {
  param a = 0
  param b[2] = 0
  fn (x) = a + sum(b * x)
}
let line = k -> minimize(m -> (m([0, 0]) - k)^2 + (m([1, 0]) - 1)^2 + (m([0, 1]) - 2)^2, Line())
assert near(line(3).a, 3, 1e-7) and near(line(3).b, [-2, -1], 1e-7)
assert near(grad(k -> sum(line(k).b))(3), -2, 1e-7)

# above the size where the Hessian is a matrix
let d = linspace(1, 2, 300)
let many = a -> sum(minimize(x -> sum(d * (x - a)^2) + 0.1 * sum(x[1:] * x[:-1]), zeros(300)))
assert near(many'(1), (many(1 + 1e-4) - many(1 - 1e-4)) / 2e-4, 1e-6)
let r = minimize(x -> x, 0, max_steps: 5, report: true)
assert not r.converged and r.residual > 0
# many unknowns: Newton's steps finish here too. 4 x^3 + 2 (x - b) = 0, so dx/db = 1 / (1 + 6 x^2)
let b = linspace(-2, 2, n: 300)
let far = b -> minimize(x -> sum(x^4) + sum((x - b)^2), zeros(300), tol: 1e-13)
let x = far(b)
assert max(abs(4 * x^3 + 2 * (x - b))) < 1e-10
assert max(abs(grad(b -> sum(far(b)))(b) - 1 / (1 + 6 * x^2))) < 1e-9
print("ok")   # expect: ok
