# llsq.gd: least squares for a polynomial with coefficients x through n points of a step.
fn llsq(x, n) {
  let t = linspace(-1, 1, n: n)
  let powers = stack((ones(n), ...scan((p, j) -> p * t, ones(n), 1..len(x))))
  0.5 * sum((sign(t) - x @ powers)^2)
}

fn primal(q) = llsq(q.x, q.n)
fn gradient(q) = grad(llsq)(q.x, q.n)
