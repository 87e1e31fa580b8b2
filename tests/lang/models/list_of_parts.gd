model Layer(n, k) {
  param W[n] = k
  fn (x) = x * W
}
model Net(n, depth) {
  let body = (Layer(n, i + 1) for i in 0..depth)
  fn (x) = fold((h, layer) -> layer(h), x, body)
}
var net = Net(2, 3)
print(net([1, 1]))          # expect: [6, 6]
net.body[2].W = [10, 10]
print(net([1, 1]))          # expect: [20, 20]
print(len(net.body), net.body[0].W)  # expect: 3 [1, 1]
