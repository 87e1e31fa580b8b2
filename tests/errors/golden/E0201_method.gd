model Net(n) {
  param w[n] = 0
  fn (x) = x * w - "bias"
}
let net = Net(3)
print(net([1, 2, 3]))
