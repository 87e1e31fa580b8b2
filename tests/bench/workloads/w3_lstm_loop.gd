# W3: a character LSTM, its cell written out: vocabulary 65, embedding 64, hidden 256, 64 steps, batches of 32, cross-entropy
# over all 2048 places, state zero at the start of each batch, adam. Four batches in turn; time is the first axis.
use nn
use data
use f32
use "clock.gd" as clock
seed(42)

let (vocabulary, hidden, steps, batch) = (65, 256, 64, 32)

model Lstm(inputs, hidden) {
  param wi[inputs, 4 * hidden] = shape -> 0.06 * normal(shape)
  param wh[hidden, 4 * hidden] = shape -> 0.06 * normal(shape)
  param b[4 * hidden] = 0
  fn (x[t, n, inputs]) {
    var h = zeros(n, hidden)
    var c = zeros(n, hidden)
    var ys = ()
    for k in 0..t {
      let (i, f, o, g) = split(x[k] @ wi + h @ wh + b, 4, axis: 1)
      c = sigmoid(f) * c + sigmoid(i) * tanh(g)
      h = sigmoid(o) * tanh(c)
      ys = push(ys, h)
    }
    stack(ys)
  }
}
model Net() {
  let table = nn.Embedding(vocabulary, 64)
  let cell = Lstm(64, hidden)
  let head = nn.Linear(hidden, vocabulary)
  fn (index) = index |> table |> cell |> head
}

fn characters() = floor(uniform(4 * steps, batch) * vocabulary) as i64
let set = (x: characters(), y: characters())
var net = Net()
var ends = ()
let start = time()
let report = descend net over (x, y) in data.batches(set, steps, epochs: 1e6, shuffle: false) using adam(lr: 1e-3)
  until time() - start > clock.seconds {
  cross_entropy(reshape(net(x), -1, vocabulary), reshape(y, -1))
} watch every 1 {
  ends = push(ends, time())
}
clock.falls(report.losses, n: 4)
clock.report("W3_lstm_loop", ends)
