# each accepted evaluation's states are committed
model M(k) {
  param w = 5
  state calls = 0
  fn (x) { calls += 1; w * x }
}
var m = M(0)
descend m using gd(lr: 0.01) for 4 { m(1) ^ 2 }
print(m.calls)       # expect: 4
descend m using gd(lr: 0.01) for 3 { m(1) ^ 2 + m(2) }
print(m.calls)       # expect: 10
