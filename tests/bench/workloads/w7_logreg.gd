# W7: logistic regression of 100,000 x 100: one gradient, one step of L-BFGS, and 20 iterations of it from zero.
use f32
use "clock.gd" as clock
seed(42)

let X = normal(100_000, 100)
let y = (X @ normal(100) + 2 * normal(100_000) > 0) as f32
loss misfit(w) = bce(X @ w, y, logits: true)

let slope = value_and_grad(misfit)
clock.repeat("W7_logreg_grad", () -> slope(zeros(100))[1][0], share: 0.5)

fn train() {
  var w = zeros(100)
  descend w using lbfgs(memory: 10) for 20 { misfit(w) }
}
let report = train()
assert report.losses[-1] < 0.6 * report.losses[0]
clock.repeat("W7_logreg_lbfgs20_total", train, share: 0.5)
