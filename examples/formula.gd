# formula.gd: gradient descent is one line of algebra, p - lr * dL/dp.
#
# One learns `grad`, arithmetic on whole trees, and that `descend ... using gd` is this formula.
# The data are 369 tumours, measured 30 ways; logistic regression tells benign from malignant.
use data

let train = data.csv(here("data/wdbc-train.csv"), target: "benign")
let test = data.csv(here("data/wdbc-test.csv"), target: "benign")
let centre = mean(train.x, axis: 0)
let spread = std(train.x, axis: 0)

## The logarithm of the odds that a tumour is benign.
fn score(p, x[n, 30]) -> [n] = ((x - centre) / spread) @ p.w + p.b

loss misfit(p) {
  let s = score(p, train.x)
  mean(softplus(s) - train.y * s)
}

let lr = 0.5
let start = (w: zeros(30), b: 0)

# By hand. The gradient is a tree like p, so this moves all 31 numbers.
var p = start
for step in 1..=300 {
  p = p - lr * grad(misfit)(p)
  if step % 100 == 0 {
    print("step {step}  loss {misfit(p):.4}")
  }
}

# The same as a statement.
var q = start
descend q using gd(lr: lr) for 300 { misfit(q) }

let gap = max(abs(p.w - q.w))
let right = mean((score(p, test.x) > 0) == (test.y == 1))
print("largest difference to `descend`: {gap:.2}")
print("test accuracy {right:.3}")

assert gap < 1e-10 and abs(p.b - q.b) < 1e-10
assert right >= 0.93
