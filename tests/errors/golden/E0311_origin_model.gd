use nn
seed(1)
model Net(n) {
  let body = (nn.Linear(2, n), nn.Linear(n, 1))
  param scale = 0.5
  fn (x) {
    let h = tanh(body[0](x))
    log(scale + 0 * body[1](h))
  }
}
var net = Net(3)
descend net using gd(lr: 0.3) for 5 { mean(net([[1, 2], [3, 4]])) }
