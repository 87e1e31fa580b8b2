# Solvers under vmap, and vmap under derivatives: what a loop gives.
fn near(a, b, tol) = all(abs(a - b) <= tol * max(1, abs(b)))
let a = linspace(1, 9, 40)
let r = a -> root(x -> x^2 - a, 1)
assert near(vmap(r)(a), sqrt(a), 1e-14)
assert near(vmap(grad(r))(a), 0.5 / sqrt(a), 1e-14)
assert near(grad(a -> sum(vmap(r)(a)))(a), 0.5 / sqrt(a), 1e-14)
assert near(vmap(b -> root(x -> [x[0] - b, x[1] - 2 * b], [0, 0]))(a)[:, 1], 2 * a, 1e-12)
assert near([fixed_point(x -> 0.5 * x + b, 0) for b in 0..50], 2 * range(0, 50), 1e-11)
assert near(vmap(b -> minimize(x -> sum((x - b)^2), [0, 0]))([[1, 2], [3, 4]]), [[1, 2], [3, 4]], 1e-8)
for method in ("rk45", "stiff", "rk4") {
  let y = k -> odeint((t, y) -> -k * y, [1, 2], [0, 1], method: method, substeps: 20)[-1, 1]
  assert near(vmap(y)(a), 2 * exp(-a), 1e-4)
  assert near(grad(a -> sum(vmap(y)(a)))(a), -2 * exp(-a), 1e-3)
}
print("ok")   # expect: ok
