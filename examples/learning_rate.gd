# learning_rate.gd: too small a step crawls, a good one arrives, too large a one flies off.
#
# One learns where the edge lies (2 / curvature, and the curvature is f''), what divergence looks
# like, and that an error of `descend` can be caught and leaves the last good values behind.
let birds = read_csv(here("data/penguins.csv"))
let flipper = birds.flipper_length_mm
let mass = birds.body_mass_g
let x = (flipper - mean(flipper)) / std(flipper)
let y = (mass - mean(mass)) / std(mass)

loss misfit(w) = mean((w * x - y)^2)

let best = misfit(mean(x * y) / mean(x * x))         # the least there is
let curvature = misfit''(0)                          # the same everywhere: misfit is a parabola
print("curvature {curvature:.4}, so a rate above {2 / curvature:.4} must diverge")

fn try_rate(name, lr) {
  var w = 0
  let report = descend w using gd(lr: lr) for 60 { misfit(w) }
  let gap = misfit(w) - best
  let verdict = if gap < 1e-9 { "arrived" }
                else if gap < misfit(0) - best { "on its way" }
                else { "diverged" }
  print("{name:12} lr {lr:.3}   {gap:.3} above the minimum after {report.steps} steps: {verdict}")
  verdict
}

assert try_rate("small", 0.01 / curvature) == "on its way"
assert try_rate("good", 0.5 / curvature) == "arrived"
assert try_rate("just below", 1.9 / curvature) == "on its way"
assert try_rate("too large", 2.1 / curvature) == "diverged"

# Each step of the last run went further up. Given time the numbers overflow, and `descend`
# stops with an error instead of training on infinities.
var w = 0
let fate = try {
  descend w using gd(lr: 20 / curvature) for 1_000 { misfit(w) }
  "no error"
} catch e {
  e.code
}
print("far too large: error {fate} at w = {w:.2}")
assert fate == "E0311"
assert abs(w) > 1e100 and abs(w) < 1e300             # far away, but still a number
