# W4b: the shape of GPT-2 124M (12 layers, width 768, 12 heads, vocabulary padded to 50304, 1024 places) from random weights,
# one sequence of 64 tokens, adamw.
use f32
use "clock.gd" as clock
use "gpt.gd" as gpt
seed(42)

let x = floor(uniform(1, 64) * 50257) as i64
let y = floor(uniform(1, 64) * 50257) as i64
var net = gpt.Gpt(50304, 768, 12, 12, 1024)
var ends = ()
let start = time()
let report = descend net using adamw(lr: 1e-3, beta2: 0.95, weight_decay: 0.1)
  until step > 6 and time() - start > clock.seconds {
  cross_entropy(reshape(net(x), -1, 50304), reshape(y, -1))
} watch every 1 {
  ends = push(ends, time())
}
clock.falls(report.losses, n: 1)
clock.report("W4b_gpt2", ends)
