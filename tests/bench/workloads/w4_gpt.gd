# W4: GPT of 4 layers, width 128, 4 heads, context 64, vocabulary 65, batches of 16, adamw. Four batches in turn.
use data
use f32
use "clock.gd" as clock
use "gpt.gd" as gpt
seed(42)

fn characters() = floor(uniform(64, 64) * 65) as i64
let set = (x: characters(), y: characters())
var net = gpt.Gpt(65, 128, 4, 4, 64)
var ends = ()
let start = time()
let report = descend net over (x, y) in data.batches(set, 16, epochs: 1e6, shuffle: false)
  using adamw(lr: 1e-3, beta2: 0.95, weight_decay: 0.1) until time() - start > clock.seconds {
  cross_entropy(reshape(net(x), -1, 65), reshape(y, -1))
} watch every 1 {
  ends = push(ends, time())
}
clock.falls(report.losses, n: 4)
clock.report("W4_gpt", ends)
