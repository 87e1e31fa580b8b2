# W1: MLP 784-512-256-10, relu, softmax cross-entropy, batches of 128, adam. Eight batches in turn.
use nn
use data
use f32
use "clock.gd" as clock
seed(42)

model Mlp() {
  let first = nn.Linear(784, 512)
  let second = nn.Linear(512, 256)
  let last = nn.Linear(256, 10)
  fn (x) = x |> first |> relu |> second |> relu |> last
}

let set = (x: normal(1024, 784), y: floor(uniform(1024) * 10) as i64)
var net = Mlp()
var ends = ()
let start = time()
let report = descend net over (x, y) in data.batches(set, 128, epochs: 1e6, shuffle: false) using adam(lr: 1e-3)
  until time() - start > clock.seconds {
  cross_entropy(net(x), y)
} watch every 1 {
  ends = push(ends, time())
}
clock.falls(report.losses)
clock.report("W1_mlp", ends)
