# One pass over a large matrix for A v, what is made of it, and A' r: the same figures as apart. The sums apart are taken
# row by row (f64) or in f64 (f32), tolerance: rounding of sums of 3000 terms.
fn near(a, b, tol) = max(abs(a - b)) <= tol * (1e-30 + max(abs(b)))
seed(11)
let (m, k) = (3011, 61)
let A = normal(m, k + 3)[:, 1:k + 1]            # its rows lie apart
let B = normal(m, k)
let y = (uniform(m) > 0.4) as f64
let w0 = 0.1 * normal(k)

# the gradient of a logistic regression, by the tape and written down
loss misfit(w, X) = bce(X @ w, y, logits: true)
for X in (A, B) {
  let (value, slope) = value_and_grad(misfit)(w0, X)
  var byrow = zeros(k)
  var total = 0
  for i in 0..m {
    let z = sum(X[i] * w0)
    total += (softplus(z) - y[i] * z) / m
    byrow += (sigmoid(z) - y[i]) / m * X[i]
  }
  assert near(slope, byrow, 1e-12), "{max(abs(slope - byrow))}"
  assert abs(value - total) < 1e-12
}

# A and another matrix of the same layout: nothing is read once for both
fn cross(v, P, Q) = Q' @ tanh(P @ v)
let r = tanh(sum(B * w0, axis: 1))
assert near(cross(w0, B, 2 * B), sum(2 * B * r[:, new], axis: 0), 1e-12)
assert near(cross(w0, B, B), sum(B * r[:, new], axis: 0), 1e-12)

# a sum on the way that the elements need is known before they are made
fn normed(v, P) {
  let z = P @ v
  P' @ (z / (1 + sum(z^2)))
}
let z = sum(B * w0, axis: 1)
assert near(normed(w0, B), sum(B * (z / (1 + sum(z^2)))[:, new], axis: 0), 1e-12)

# f32, many steps, with a state between them
let (C, t) = (B as f32, y as f32)
var w = zeros(k) as f32
let report = descend w using gd(lr: 0.5) for 25 { bce(C @ w, t, logits: true) }
var u = zeros(k)
for _ in 0..25 { u -= 0.5 / m * sum(B * (sigmoid(sum(B * u, axis: 1)) - y)[:, new], axis: 0) }
assert near(w, u, 1e-4), "{max(abs(w - u))}"
assert abs(report.loss - mean(softplus(B @ u) - y * (B @ u))) < 1e-3
# a Gauss-Newton product has nothing in between
assert near(cross(w0, B, B) - 0, B' @ tanh(B @ w0), 1e-12)
assert near(B' @ (B @ w0), sum(B * z[:, new], axis: 0), 1e-12)
