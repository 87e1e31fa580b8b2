# W6b: Rosenbrock's valley in two numbers, 10,000 steps of gradient descent: milliseconds for all of them.
use f32
use "clock.gd" as clock

loss valley(x, y) = (1 - x)^2 + 100 * (y - x^2)^2

fn train() {
  var x = -1.2
  var y = 1
  let report = descend x, y using gd(lr: 1e-3) for 10_000 { valley(x, y) }
  assert abs(x - 1) < 0.05 and abs(y - 1) < 0.05
  report
}
clock.falls(train().losses)
clock.repeat("W6b_rosenbrock_10000steps", train)
