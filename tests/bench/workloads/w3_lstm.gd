# W3 with the library's layer: vocabulary 65, embedding 64, hidden 256, 64 steps, batches of 32, cross-entropy over all
# 2048 places, state zero at the start of each batch, adam. Four batches in turn.
use nn
use data
use f32
use "clock.gd" as clock
seed(42)

let (vocabulary, steps, batch) = (65, 64, 32)

model Net() {
  let table = nn.Embedding(vocabulary, 64)
  let cell = nn.LSTM(64, 256)
  let head = nn.Linear(256, vocabulary)
  fn (index) = head(cell(table(index)).y)
}

fn characters() = floor(uniform(4 * batch, steps) * vocabulary) as i64
let set = (x: characters(), y: characters())
var net = Net()
var ends = ()
let start = time()
let report = descend net over (x, y) in data.batches(set, batch, epochs: 1e6, shuffle: false) using adam(lr: 1e-3)
  until time() - start > clock.seconds {
  cross_entropy(reshape(net(x), -1, vocabulary), reshape(y, -1))
} watch every 1 {
  ends = push(ends, time())
}
clock.falls(report.losses, n: 4)
clock.report("W3_lstm", ends)
