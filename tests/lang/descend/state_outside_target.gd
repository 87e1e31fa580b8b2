# states outside a target stay as they were
model A(k) {
  param w = 1
  state n = 0
  fn (x) { n += 1; w * x }
}
model Net(k) {
  let head = A(0)
  let body = A(0)
}
var net = Net(0)
descend net.head using gd(lr: 0.1) for 3 { net.head(1) + net.body(1) }
print(net.head.n, net.body.n)  # expect: 3 0
