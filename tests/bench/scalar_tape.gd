# scalar_tape.gd: the price of differentiating scalar code, in ns for each recorded operation.
# Five operations a turn, 10^6 in all unless another number of turns is given as an argument;
# the time is of value and gradient together, the interpreter included, median of 15.
let turns = if len(args()) > 0 { number(args()[0]) } else { 200_000 }

fn chain(x) {
  var s = x
  for i in 0..turns {
    s = s * x + 0.25 * s - x / 3
  }
  s
}

var seconds = zeros(15)
for k in 0..15 {
  let start = time()
  let (value, slope) = value_and_grad(chain)(0.5)
  seconds[k] = time() - start
  assert abs(value + 2 / 3) < 1e-6 or turns < 100        # the fixed point of s / 2 + s / 4 - 1 / 6
}
print("{median(seconds) / (5 * turns) * 1e9:.4}")
