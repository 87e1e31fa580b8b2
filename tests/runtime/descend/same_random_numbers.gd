# all evaluations of a step draw the same numbers, the next step draws others; afterwards the stream goes on once
fn losses(n) {
  seed(3)
  var w = 1
  let r = descend w using gd(lr: 0) for n { w * uniform() }
  (r.losses, uniform())
}
let (a, after) = losses(3)
seed(3)
let plain = (uniform(), uniform(), uniform(), uniform())
print(a[0] == plain[0], a[2] == plain[2], after == plain[3])    # expect: true true true
seed(3)
var v = [3, -2]
let r = descend v using lbfgs() for 2 { sum((v - 1) ^ 2) + 0 * uniform() }
print(uniform() == plain[r.steps] or r.why == "stalled")        # expect: true
