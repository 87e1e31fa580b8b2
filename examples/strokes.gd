# strokes.gd -- handwritten digits by a small convolutional network, 8 x 8 pixels as an image.
#
# One learns how layers of `nn`, pools and reshapes make a model, and what the kernels cost: this one
# has two fifths of the parameters of the dense network in digits.gd and does as well.
use data
use nn
use f32
seed(3)

fn digits(name) {
  let set = data.csv(here("data/{name}.csv"), target: "digit")
  (x: reshape(set.x / 16, -1, 1, 8, 8), y: set.y)    # [n, channels, height, width]
}

## Two convolutions, each behind a pool that halves the image, and one score for each class.
model Cnn(classes) {
  let strokes = nn.Conv2d(1, 8, 3, padding: "same")
  let shapes = nn.Conv2d(8, 16, 3, padding: "same")
  let last = nn.Linear(16 * 2 * 2, classes)
  fn (x[batch, 1, 8, 8]) -> [batch, classes] {
    let edges = max_pool2d(relu(strokes(x)), 2)      # [batch, 8, 4, 4]
    let parts = max_pool2d(relu(shapes(edges)), 2)   # [batch, 16, 2, 2]
    last(flatten(parts, start: 1))
  }
}

loss nll(net, x, y) = cross_entropy(net(x), y)

let train = digits("digits-train")
let test = digits("digits-test")
let epochs = 12
let steps = epochs * ceil(len(train.x) / 32)

var net = Cnn(10)
let report = descend net over (x, y) in data.batches(train, 32, epochs: epochs)
             using adam(lr: cosine(0.01, steps: steps)) {
  nll(net, x, y)
} watch every 114 {
  print("step {step}  epoch {epoch}  loss {loss:.3}  test accuracy {accuracy(net(test.x), test.y):.4}")
}

let score = accuracy(net(test.x), test.y)
print("after {report.steps} steps: test accuracy {score:.4}")
assert score >= 0.965, "a test accuracy of {score:.4} is too low"
