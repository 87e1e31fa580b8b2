# rosenbrock.gd: four optimisers in the same bent valley (Rosenbrock 1960).
#
# One learns to choose an optimiser, and to stop with `for` and `until`. The floor of the valley
# is nearly flat and its walls are steep, so plain descent zigzags; the minimum is 0 at (1, 1).
loss valley(x, y) = (1 - x)^2 + 100 * (y - x^2)^2

fn race(name, optimiser) {
  var x = -1.2
  var y = 1
  let report = descend x, y using optimiser for 5_000 until loss < 1e-10 {
    valley(x, y)
  }
  print("{name:10} {report.steps:5} steps to ({x:.6}, {y:.6}), height {report.loss:.2}")
  report
}

let plain = race("gd", gd(lr: 1e-3))
let heavy = race("momentum", sgd(lr: 1e-3, momentum: 0.9))
let adaptive = race("adam", adam(lr: 0.05))
let curved = race("lbfgs", lbfgs())

assert plain.steps == 5_000 and plain.loss > 1e-4      # still on its way
assert heavy.loss < 1e-9 and adaptive.loss < 1e-9
assert curved.loss < 1e-10 and curved.steps < 100      # it learns the curvature as it goes
