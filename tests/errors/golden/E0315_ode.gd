# y = 1 / (1 - t)
let y = odeint((t, y) -> y^2, 1, [0, 0.5, 2], rtol: 1e-4)
