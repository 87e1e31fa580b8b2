# what is named is trained, all else is constant
model Lin(k) {
  param w = k
}
model Net(k) {
  let head = Lin(4)
  let body = Lin(3)
}
var net = Net(0)
descend net.head using gd(lr: 0.1) for 1 { net.head.w * net.body.w }
print(net.head.w, net.body.w)  # expect~ 3.7 3 1e-12
descend net.body.w using gd(lr: 1) for 2 { net.body.w ^ 2 / 2 }
print(net.body.w)              # expect: 0
