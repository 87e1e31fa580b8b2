# only what is named moves: a part, a parameter, an item of a list of parts
model Layer(k) {
  param w = k
  fn (x) = w * x
}
model Net() {
  let body = (Layer(1), Layer(2))
  let head = Layer(3)
  param b = 0
  fn (x) = head(body[1](body[0](x))) + b
}
var net = Net()
descend net.head using gd(lr: 0.1) for 1 { net(1) }
print(net.body[0].w, net.body[1].w, net.head.w, net.b)    # expect: 1 2 2.8 0
descend net.body[1], net.b using gd(lr: 0.1) for 1 { net(1) }
print(net.body[0].w, net.body[1].w, net.head.w, net.b)    # expect: 1 1.72 2.8 -0.1
descend net.body[0].w using gd(lr: 0.1) for 1 { 10 * net.body[0].w }
print(net.body[0].w)                                      # expect: 0
let frozen = net
descend net using gd(lr: 1) for 1 { net(1) }
print(frozen.b == net.b, frozen.b)                        # expect: false -0.1
