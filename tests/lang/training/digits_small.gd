# two classes of points are told apart by a small net, in f32, with batches
use data
use f32
seed(11)
model Mlp(inputs, hidden, classes) {
  param W1[inputs, hidden] = he()
  param b1[hidden] = 0
  param W2[hidden, classes] = he()
  param b2[classes] = 0
  fn (x[batch, inputs]) -> [batch, classes] = relu(x @ W1 + b1) @ W2 + b2
}
loss nll(m, x, y) = cross_entropy(m(x), y)
let n = 400
let x = normal(n, 2)
let y = [if x[i, 0] * x[i, 1] > 0 { 1 } else { 0 } for i in 0..n]
let (train, test) = data.split((x: x, y: y), 0.75)
var net = Mlp(2, 32, 2)
let report = descend net over (x, y) in data.batches(train, 20, epochs: 40) using adam(lr: 1e-2) {
  nll(net, x, y)
}
print(report.steps)                            # expect: 600
print(accuracy(net(test.x), test.y) > 0.9)     # expect: true
