# a descend inside the block of another one: the inner model's states follow the outer evaluation
model M() {
  param w = 1
  state calls = 0
  fn (x) { calls += 1; w * x }
}
var m = M()
descend m using gd(lr: 0.1) for 2 {
  var inner = [1, 2]
  descend inner using gd(lr: 0.1) for 3 { sum(inner ^ 2) }
  m(1) * sum(inner)
}
print(m.calls)                          # expect: 2
fn outer(k) {
  var w = k
  descend w using gd(lr: 0.1) for 3 { (w - 2) ^ 2 }
  w
}
print(grad(outer)(1))                   # expect~ 0.512 1e-12
