# dropout draws in the block and does nothing outside
seed(1)
print(all(dropout(ones(100), 0.5) == ones(100)))  # expect: true
var w = 1
descend w using gd(lr: 0) for 1 {
  let d = dropout(ones(1000), 0.5)
  assert abs(mean(d) - 1) < 0.2
  assert any(d == 0)
  w * sum(d)
}
