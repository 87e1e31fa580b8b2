# W2: a network like LeNet on images of 28 x 28, batches of 64: two convolutions 5 x 5 of 8 and 16 channels, relu and
# maxima of 2 x 2 after each, dense 784-128-10, cross-entropy, sgd with momentum. Eight batches in turn.
use nn
use data
use f32
use "clock.gd" as clock
seed(42)

model Net() {
  let c1 = nn.Conv2d(1, 8, 5, padding: 2)
  let c2 = nn.Conv2d(8, 16, 5, padding: 2)
  let d1 = nn.Linear(784, 128)
  let d2 = nn.Linear(128, 10)
  fn (x) {
    let a = max_pool2d(relu(c1(x)), 2)
    let b = max_pool2d(relu(c2(a)), 2)
    d2(relu(d1(reshape(b, len(x), 784))))
  }
}

let set = (x: normal(512, 1, 28, 28), y: floor(uniform(512) * 10) as i64)
var net = Net()
var ends = ()
let start = time()
let report = descend net over (x, y) in data.batches(set, 64, epochs: 1e6, shuffle: false)
  using sgd(lr: 0.01, momentum: 0.9) until time() - start > clock.seconds {
  cross_entropy(net(x), y)
} watch every 1 {
  ends = push(ends, time())
}
clock.falls(report.losses)
clock.report("W2_cnn", ends)
