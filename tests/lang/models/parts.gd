model Layer(i, o) {
  param W[i, o] = 1
  fn (x) = x @ W
}
model Net(n) {
  let first = Layer(n, 4)
  let last = Layer(4, 1)
  fn (x) = last(first(x))
}
var net = Net(2)
print(net(ones(1, 2))[0])   # expect: [8]
net.first.W[0, 0] = 11
print(net(ones(1, 2))[0])   # expect: [18]
print(net.first.W[0])       # expect: [11, 1, 1, 1]
