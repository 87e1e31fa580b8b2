# every copy of the target reads and writes the one state of the evaluation; trial evaluations leave no trace
model M() {
  param w = 5
  state calls = 0
  state seen = ()
  fn (x) { calls += 1; seen = (...seen, x); w * x }
}
fn through(m, x) = m(x)
var m = M()
descend m using gd(lr: 0.01) for 2 {
  let copy = m
  var other = m
  copy(1) + other(2) + through(m, 3)
}
print(m.calls, m.seen)            # expect: 6 (1, 2, 3, 1, 2, 3)
var n = M()
let r = descend n using lbfgs() for 8 { (n(1) - 2) ^ 2 }
print(n.calls == r.steps, len(n.seen) == r.steps)   # expect: true true
var k = M()
let q = descend k using lm() for 4 { [k(1) - 2, k(2) - 4] }
print(k.calls == 2 * q.steps)     # expect: true
