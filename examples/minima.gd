# minima.gd: descent finds the bottom of the valley it starts in, not the deepest valley.
#
# One learns to restart from several places and keep the best, first on a curve with two valleys,
# then on 270 years of sunspots, where all but one of the minima are false.
seed(11)

# 1. Two valleys. The right one is a minimum too, but not the lowest.
fn hills(x) = x^4 - 3 * x^2 + x

fn settle(start) {
  var x = start
  descend x using gd(lr: 0.02) for 500 { hills(x) }
  x
}

let left = settle(-2)
let right = settle(2)
print("from -2 to {left:.4}, height {hills(left):.4}")
print("from  2 to {right:.4}, height {hills(right):.4}")
assert abs(hills'(left)) < 1e-9 and abs(hills'(right)) < 1e-9      # both are flat,
assert hills''(left) > 0 and hills''(right) > 0                    # both are valleys,
assert hills(left) < hills(right) - 2                              # one is deeper.

# 2. How long is the cycle of the Sun? Fit one wave to the yearly numbers of spots.
let sun = read_csv(here("data/sunspots.csv"))
let t = sun.year - mean(sun.year)
let spots = (sun.sunspots - mean(sun.sunspots)) / std(sun.sunspots)

loss misfit(wave) {
  let phase = 2 * pi * t / 10 * wave.pace        # pace: cycles in ten years
  mean((wave.a * sin(phase) + wave.b * cos(phase) - spots)^2)
}

fn fit(years) {
  var wave = (pace: 10 / years, a: 0, b: 0.1)
  descend wave using lbfgs() for 100 { misfit(wave) }
  (years: 10 / wave.pace, height: misfit(wave))
}

var best = fit(9)
print("started at 9 years: a minimum, {best.years:.4} years, height {best.height:.4}")
let first = best
for start in 9 + 4 * uniform(30) {
  let found = fit(start)
  if found.height < best.height - 1e-6 {
    best = found
    print("started at {start:.3} years: better, {best.years:.4} years, height {best.height:.4}")
  }
}
assert best.height < first.height
assert abs(best.years - 11.06) < 0.05, "the Sun has lost its eleven-year cycle"
