# digits.gd: a classifier of handwritten digits, whole: read, describe, descend, measure.
#
# One learns how `use`, `model`, `loss`, `descend` and `watch` fit together. The data are 1,200
# digits of 8 x 8 pixels to learn from and 297 that the network never sees while it learns.
use data
use f32
seed(7)

fn digits(name) {
  let set = data.csv(here("data/{name}.csv"), target: "digit")
  (x: set.x / 16, y: set.y)                   # pixels come as 0..16
}

## A hidden layer of rectified units between the pixels and one score for each class.
model Mlp(inputs, hidden, classes) {
  param W1[inputs, hidden]  = he()
  param b1[hidden]          = 0
  param W2[hidden, classes] = he()
  param b2[classes]         = 0
  fn (x[batch, inputs]) -> [batch, classes] = relu(x @ W1 + b1) @ W2 + b2
}

loss nll(net, x, y) = cross_entropy(net(x), y)

let train = digits("digits-train")
let test = digits("digits-test")
let epochs = 20
let steps = epochs * ceil(len(train.x) / 32)

var net = Mlp(64, 64, 10)
let report = descend net over (x, y) in data.batches(train, 32, epochs: epochs)
             using adam(lr: cosine(0.01, steps: steps)) {
  nll(net, x, y)
} watch every 190 {
  let score = accuracy(net(test.x), test.y)
  print("step {step}  epoch {epoch}  loss {loss:.3}  test accuracy {score:.4}")
}

let score = accuracy(net(test.x), test.y)
print("after {report.steps} steps: test accuracy {score:.4}")
assert score >= 0.965, "a test accuracy of {score:.4} is too low"
