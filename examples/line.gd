# line.gd: the best straight line through measured points, found twice.
#
# One learns that descent and the closed form of least squares meet in the same place, and how
# to read a table by column. The points are 222 penguins: how heavy is one with long flippers?
let birds = read_csv(here("data/penguins.csv"))
let flipper = birds.flipper_length_mm                 # millimetres
let mass = birds.body_mass_g / 1000                   # kilograms

# Descent likes inputs of about unit size: measure flippers in deviations from the mean.
let centre = mean(flipper)
let spread = std(flipper)
let x = (flipper - centre) / spread

loss misfit(w, b) = mean((w * x + b - mass)^2)

# 1. Go down the gradient from a flat line until it vanishes.
var w = 0
var b = 0
let report = descend w, b using gd(lr: 0.1) for 500 until gnorm < 1e-13 {
  misfit(w, b)
}

# 2. Set the gradient to zero and solve: two linear equations in w and b, by Cramer's rule.
#      w sum(x^2) + b sum(x) = sum(x y)
#      w sum(x)   + b n      = sum(y)
let n = len(x)
let determinant = n * sum(x^2) - sum(x)^2
let w_exact = (n * sum(x * mass) - sum(x) * sum(mass)) / determinant
let b_exact = (sum(x^2) * sum(mass) - sum(x) * sum(x * mass)) / determinant

# 3. The block may also give residuals, one for each point, to an optimiser made for them.
var (u, c) = (0, 0)
descend u, c using lm() for 20 {
  u * x + c - mass
}

print("descent      w {w:.8}  b {b:.8}  in {report.steps} steps")
print("closed form  w {w_exact:.8}  b {b_exact:.8}")
print("lm           w {u:.8}  b {c:.8}")
print("a millimetre of flipper goes with {1000 * w / spread:.3} g of penguin")

assert abs(w - w_exact) < 1e-9 and abs(b - b_exact) < 1e-9
assert abs(u - w_exact) < 1e-9 and abs(c - b_exact) < 1e-9
