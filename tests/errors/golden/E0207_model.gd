model Net(n) {
  param weight[n] = 0
}
let net = Net(3)
print(net.wieght)
