# Runge-Kutta 4 on y' = -y; error of order h^4
fn rk4(f, y0, h, n) {
  var y = y0
  for i in 0..n {
    let k1 = f(y)
    let k2 = f(y + h / 2 * k1)
    let k3 = f(y + h / 2 * k2)
    let k4 = f(y + h * k3)
    y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
  }
  y
}
print(rk4(y -> -y, 1, 0.1, 10))        # expect~ 0.36787944117144233 1e-6
print((v for v in rk4(y -> [y[1], -y[0]], [1, 0], 0.01, 100)))  # expect~ (0.5403023058681398, -0.8414709848078965) 1e-8
print(grad(y0 -> rk4(y -> -y, y0, 0.1, 10))(1))  # expect~ 0.36787944117144233 1e-6
