# a part that is handed to a function is a copy there; in descend every copy is the one state
model Lin(n) {
  param W[n, n] = eye(n)
  state calls = 0
  fn (x) { calls += 1; x @ W }
}
model Net(n) {
  let layers = (Lin(n), Lin(n))
  state hits[n] = 0
  fn (x) { hits[0] += 1; fold((h, l) -> l(h), x, layers) }
}
var net = Net(2)
net(ones(1, 2))
print(net.hits, net.layers[0].calls)   # expect: [1, 0] 0
descend net over x in (ones(1, 2), ones(1, 2)) using gd(lr: 0.1) { sum(net(x) ^ 2) }
print(net.hits, net.layers[0].calls, net.layers[1].calls)  # expect: [3, 0] 2 2
