# backprop.gd: the chain rule by hand, against the tape.
#
# One learns what backpropagation computes: the same numbers as `grad`, in the same order, one
# line for each line of the forward pass, read from the bottom up. The data are Fisher's irises.
use data
seed(3)

let iris = data.csv(here("data/iris.csv"), target: "species")
let x = (iris.x - mean(iris.x, axis: 0)) / std(iris.x, axis: 0)
let y = one_hot(iris.y, 3)
let n = len(x)

loss nll(p) {
  let h = tanh(x @ p.W1 + p.b1)
  let z = h @ p.W2 + p.b2
  -sum(y * log_softmax(z, axis: 1)) / n
}

## The gradient of nll, worked out on paper. dz stands for dL/dz, and so on.
fn by_hand(p) {
  let h = tanh(x @ p.W1 + p.b1)               # forward, keeping what the way back needs
  let z = h @ p.W2 + p.b2

  let dz = (softmax(z, axis: 1) - y) / n      # of log_softmax and the sum together
  let dW2 = h' @ dz
  let db2 = sum(dz, axis: 0)
  let dh = dz @ p.W2'
  let da = dh * (1 - h^2)                     # tanh' = 1 - tanh^2
  let dW1 = x' @ da
  let db1 = sum(da, axis: 0)
  (W1: dW1, b1: db1, W2: dW2, b2: db2)
}

let p = (W1: normal(4, 8), b1: normal(8), W2: normal(8, 3), b2: normal(3))
let tape = grad(nll)(p)
let hand = by_hand(p)

var worst = 0
for (name, d) in items(tape - hand) {
  let gap = max(abs(d))
  print("d{name}: largest difference {gap:.1}")
  worst = max(worst, gap)
}
assert worst < 1e-14

# A third opinion needs no calculus: move one weight a little and see how the loss answers.
let eps = 1e-5
var up = p
var down = p
up.W1[2, 5] += eps
down.W1[2, 5] -= eps
let slope = (nll(up) - nll(down)) / (2 * eps)
print("dL/dW1[2, 5]: tape {tape.W1[2, 5]:.8}, difference quotient {slope:.8}")
assert abs(slope - tape.W1[2, 5]) < 1e-8
