# L-BFGS in f32 goes on where the loss is flat to rounding, by its slope, and does not search there in vain.
use f32
seed(3)
let X = normal(500, 5)
let y = (X @ normal(5) + 2 * normal(500) > 0) as f32
var w = zeros(5)
let report = descend w using lbfgs() for 40 { bce(X @ w, y, logits: true) }
assert report.gnorm < 1e-7, "stopped at {report.gnorm}"      # 1e-5 by the loss alone
