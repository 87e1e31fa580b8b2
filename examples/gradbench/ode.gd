# ode.gd: y0' = x0, yi' = xi y(i-1), from 0 to t = 2 in s steps of the classical Runge-Kutta method.
fn rhs(x, y) = x * concat(([1], y[:-1]))

fn solve_ode(x, s) {
  let h = 2 / s
  var y = zeros_like(x)
  for step in 0..s {
    let k1 = rhs(x, y)
    let k2 = rhs(x, y + h / 2 * k1)
    let k3 = rhs(x, y + h / 2 * k2)
    let k4 = rhs(x, y + h * k3)
    y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
  }
  y
}

fn primal(q) = solve_ode(q.x, q.s)
fn gradient(q) = grad(x -> solve_ode(x, q.s)[-1])(q.x)
