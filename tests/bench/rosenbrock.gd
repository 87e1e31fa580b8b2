# rosenbrock.gd: 10,000 descend steps on two numbers, in ms, median of 15.
loss valley(x, y) = (1 - x)^2 + 100 * (y - x^2)^2

fn run() {
  var x = -1.2
  var y = 1
  descend x, y using gd(lr: 1e-3) for 10_000 { valley(x, y) }
  (x, y)
}

var ms = zeros(15)
for k in 0..15 {
  let start = time()
  let (x, y) = run()
  ms[k] = (time() - start) * 1000
  assert abs(x - 1) < 0.05 and abs(y - 1) < 0.05
}
print("{median(ms):.5}")
