# W10: Rosenbrock's chain in 50 dimensions: value, gradient, forward derivative, Hessian times a vector, Hessian.
use f32
use "clock.gd" as clock
seed(42)

fn f(x) = sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)
let x = linspace(-1.5, 1.5, 50)
let v = normal(50)
let slope = grad(f)
let curvature = hessian(f)

let product = curvature(x) @ v
assert norm(hvp(f, x, v) - product) < 1e-4 * norm(product)
let y = x - 1e-3 * slope(x) / norm(slope(x))
assert f(y) < f(x)
fn measure(name, run) = clock.repeat(name, run, unit: 10, share: 0.2)
measure("W10_value", () -> f(x))
measure("W10_grad", () -> slope(x)[0])
measure("W10_jvp", () -> jvp(f, x, v)[1])
measure("W10_hvp", () -> hvp(f, x, v)[0])
measure("W10_hessian", () -> curvature(x)[0, 0])
