# W6c: a chain of 1000 operations on ten elements: forward, and forward and back.
use f32
use "clock.gd" as clock

fn chain(x0, a, b) {
  var x = x0
  for _ in 0..250 { x = sin(tanh(x * a + b)) }
  x
}
let x = linspace(-1, 1, 10)
let a = full(10, 0.999)
let b = full(10, 0.001)
let slope = grad(x -> sum(chain(x, a, b)))

let h = 0.001
let difference = sum(chain(x + h, a, b) - chain(x - h, a, b)) / (2 * h)
assert abs(sum(slope(x)) - difference) < 1e-3
clock.repeat("W6c_chain1000_fwd", () -> chain(x, a, b)[0], share: 0.5)
clock.repeat("W6c_chain1000_fwd_bwd", () -> slope(x)[0], share: 0.5)
