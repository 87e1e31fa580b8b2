model Net(n) {
  param w[n] = 0
  fn size() = len(w)
}
var net = Net(3)
net.size = 4
