# every copy of the model reads and writes the one state of the evaluation
model M(k) {
  param w = 1
  state n = 0
  fn (x) { n += 1; w * x }
}
fn apply(m, x) = m(x)
var m = M(0)
descend m using gd(lr: 0.1) for 2 { apply(m, 1) + apply(m, 2) }
print(m.n)   # expect: 4
