model Lin(k) { param w = k; fn (x) = w * x }
model Net(n) {
  let body = (Lin(i + 1) for i in 0..n)
  fn (x) = fold((h, f) -> f(h), x, body)
}
var net = Net(2)
# loss = w0 w1 x: gradients w1, w0
descend net using gd(lr: 0.5) for 1 { net(1) }
print(net.body[0].w, net.body[1].w)   # expect: 0 1.5
descend net.body[1] using gd(lr: 1) for 1 { (net(1) + net.body[1].w) ^ 2 / 2 }
print(net.body[0].w, net.body[1].w)   # expect: 0 0
