# root: values, and the derivative of the solution in both modes and their combinations, against closed forms.
fn near(a, b, tol) = all(abs(a - b) <= tol * max(1, abs(b)))
fn orders(r, a, d1, d2, tol) {          # all ways to a first and a second derivative
  assert near(r'(a), d1, tol) and near(jvp(r, a, 1)[1], d1, tol)
  assert near(r''(a), d2, tol)
  assert near(jvp(r', a, 1)[1], d2, tol)
  assert near(grad(b -> jvp(r, b, 1)[1])(a), d2, tol)
  assert near(jvp(b -> jvp(r, b, 1)[1], a, 1)[1], d2, tol)
}

# square roots: captured, as an argument, in a bracket
let half = 1 / (2 * sqrt(2))
let curve = -0.25 * 2^-1.5
orders(a -> root(x -> x^2 - a, 1), 2, half, curve, 1e-14)
orders(a -> root((x, a) -> x^2 - a, 1, a), 2, half, curve, 1e-14)
orders(a -> root((x, a) -> x^2 - a, (0, 5), a), 2, half, curve, 1e-12)
let r = a -> root(x -> x^2 - a, 1)
assert near(r'''(2), 3 / 8 * 2^-2.5, 1e-14)
assert near(r''''(2), -15 / 16 * 2^-3.5, 1e-14)
assert r(2) == stop_gradient(r(2)) and value_and_grad(r)(2)[0] == r(2)

# Kepler's equation E - e sin E = M: dE/dM = 1 / (1 - e cos E), dE/de = sin E / (1 - e cos E),
# d2E/dM2 = -e sin E / (1 - e cos E)^3
let kepler = (M, e) -> root(E -> E - e * sin(E) - M, M)
for (M, e) in ((0.1, 0.05), (1, 0.3), (2.5, 0.9), (0.05, 0.97)) {
  let E = kepler(M, e)
  let q = 1 - e * cos(E)
  assert near(E - e * sin(E), M, 1e-14)
  let (dM, de) = grad(kepler, wrt: (0, 1))(M, e)
  assert near(dM, 1 / q, 1e-13) and near(de, sin(E) / q, 1e-13)
  orders(m -> kepler(m, e), M, 1 / q, -e * sin(E) / q^3, 1e-12)
}
assert near(kepler(1, 0.3), 1.2880913132118377, 1e-14)     # scipy 1.10 brentq, xtol 1e-15

# a linear system: the derivatives are those of solve
let A = [[4, 1, 0.5], [2, 3, -1], [0, 1, 2]]
let b = [1, 2, -1]
let by_root = (A, b) -> sum(root(x -> A @ x - b, zeros(3)) * [1, 10, 100])
let by_solve = (A, b) -> sum(solve(A, b) * [1, 10, 100])
let (gA, gb) = grad(by_root, wrt: (0, 1))(A, b)
let (hA, hb) = grad(by_solve, wrt: (0, 1))(A, b)
assert near(gA, hA, 1e-12) and near(gb, hb, 1e-12)
assert near(hessian(A -> by_root(A, b))(A), hessian(A -> by_solve(A, b))(A), 1e-10)
assert near(jvp(by_root, (A, b), (A, b))[1], jvp(by_solve, (A, b), (A, b))[1], 1e-12)

# a system that Newton's full steps do not reach (Rosenbrock's valley as equations), and a singular start
assert near(root(x -> [10 * (x[1] - x[0]^2), 1 - x[0]], [-1.2, 1]), [1, 1], 1e-12)
assert near(root(x -> [x[0]^2 + x[1]^2 - 2, x[0] - x[1]], [0.5, -0.5]), [1, 1], 1e-10)
assert near(root(x -> atan(x), 3), 0, 1e-12)                # plain Newton diverges from 3

# trees, of numbers and tensors of any rank; matrices
let tree = a -> root(v -> (p: v.p^2 - a, q: v.q - [[v.p, a]]), (p: 1, q: zeros(1, 2)))
assert near(tree(2).q[0], [sqrt(2), 2], 1e-12)
let s = a -> tree(a).p + sum(tree(a).q)
orders(s, 2, 2 * half + 1, 2 * curve, 1e-12)
let S = [[2, 1], [1, 3]]
let R = root(X -> X @ X - S, eye(2))                        # the square root of a matrix
assert near(R @ R, S, 1e-12)
let rf = root(X -> X @ X - (S as f32), eye(2) as f32, tol: 1e-5)
let sf = root(x -> [x[0]^2 + x[1]^2 - 2, x[0] - x[1]] as f32, [0.5, -0.5] as f32, tol: 1e-6)
assert sf.dtype == "f32" and near(sf as f64, [1, 1], 1e-5)
assert rf.dtype == "f32" and near(rf as f64, R, 1e-5)

# a parameter that is a tree, captured by a closure in a closure
let model = p -> root(x -> (y -> p.a * y + p.b[1])(x) - 3, 0)
let g = grad(model)((a: 2, b: [0, 1]))                      # x = (3 - b1) / a
assert near(g.a, -0.5, 1e-14) and near(g.b, [0, -0.5], 1e-14)

# by x0 there is no derivative; what does not depend gives zero
assert grad(x0 -> root(x -> x^2 - 2, x0))(1) == 0
assert grad(a -> root(x -> x^2 - 2, 1))(5) == 0

# many unknowns: products with the Jacobian only
let n = 400
let d = linspace(1, 3, n)
let big = a -> {
  let x = root(x -> d * x + 0.1 * a * x^3 + 0.3 * roll(x, 1) - 1, zeros(n))
  sum(x * d)
}
let diff = (big(1 + 1e-5) - big(1 - 1e-5)) / 2e-5
assert near(big'(1), diff, 1e-7) and near(jvp(big, 1, 1)[1], big'(1), 1e-10)
let diff2 = (big'(1 + 1e-5) - big'(1 - 1e-5)) / 2e-5
assert near(big''(1), diff2, 1e-6) and near(jvp(big', 1, 1)[1], big''(1), 1e-8)

# brackets: the sign may change either way, ends count
assert root(x -> x - 1, (1, 2)) == 1 and root(x -> 2 - x, (1, 2)) == 2
assert near(root(x -> x^9, (-1, 2), tol: 1e-3), 0, 1e-3)
assert near(root(x -> if x < 0.3 { -1 } else { 1 }, (0, 1)), 0.3, 1e-12)

# the report
let ok = root(x -> x^2 - 2, 1, report: true)
assert ok.converged and ok.residual < 1e-15 and ok.steps >= 4 and near(ok.x, sqrt(2), 1e-15)
let bad = root(x -> x^2 + 1, 3, report: true)
assert not bad.converged and bad.residual >= 1
assert not root(x -> exp(x) - 5, 0, max_steps: 2, report: true).converged

# equations that depend on each other: the solutions are a line, and one is found up to rounding; where they contradict
# each other there is none, small rows or not
let line = root(v -> [v[0] + v[1] - 0.1, 3 * v[0] + 3 * v[1] - 0.3], [3, 4])
assert near(sum(line), 0.1, 1e-15)
assert near(norm(root(v -> [sum(v^2) - 0.3, sum(v^2) - 0.3], [1, 1]))^2, 0.3, 1e-15)
for small in (1, 1e-6, 1e6) {
  let off = root(v -> [v[0] + v[1] - 0.1, small * (3 * v[0] + 3 * v[1] - 0.4)], [3, 4], report: true)
  assert not off.converged
}
# no unknowns
assert root(x -> x, zeros(0)).shape == (0,) and grad(a -> sum(root(x -> x - a, zeros(0))))(1) == 0
print("ok")   # expect: ok
