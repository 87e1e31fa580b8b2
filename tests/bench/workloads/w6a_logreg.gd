# W6a: logistic regression, 569 x 30 and a bias, 2000 steps of gradient descent: milliseconds for all of them.
use f32
use "clock.gd" as clock
seed(42)

let X = normal(569, 30)
let y = (uniform(569) > 0.5) as f32

fn train() {
  var w = zeros(30)
  var b = 0
  descend w, b using gd(lr: 0.1) for 2000 { bce(X @ w + b, y, logits: true) }
}
clock.falls(train().losses)
clock.repeat("W6a_logreg_2000steps", train)
