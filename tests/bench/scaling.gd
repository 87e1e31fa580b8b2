# scaling.gd -- what a gradient costs beside its function, from 10^3 to 10^7 operations: the quotient has to stay
# where it is. Prints one line for each kind of program and size: operations, seconds of the function and of
# its gradient (the least of a few runs), their quotient.
fn least(f, runs) {
  var best = inf
  for k in 0..runs {
    let start = time()
    f()
    best = min(best, time() - start)
  }
  best
}

fn loop_numbers(x, n) {
  var y = x
  for k in 0..n { y = y * 0.999 + 0.5 * x }
  y
}
fn loop_elements(x, n) {
  var y = full(n, x)
  for k in 1..n { y[k] = y[k - 1] * 0.999 + 0.5 * x }
  y[n - 1]
}
fn loop_tensors(x, n) {
  var y = [x, x, x, x]
  for k in 0..n { y = y * 0.999 + 0.5 * x }
  sum(y)
}
fn comprehension(x, n) = sum(sin(x * i) * 0.5 for i in 0..n)
fn nested(x, n) = if n < 2 { x * n } else { nested(x, n // 2) * 0.5 + nested(x, n - n // 2) * 0.5 }
fn table(x, n) {
  let t = linspace(0, 1, n)
  sum(cumsum(t * x) * t)
}

for (name, f, most) in (("numbers", loop_numbers, 7), ("elements", loop_elements, 6), ("small tensors", loop_tensors, 6),
                        ("comprehension", comprehension, 7), ("recursion", nested, 6), ("vector", table, 7)) {
  for e in 3..=most {
    let n = 10^e
    let runs = if e < 6 { 7 } else { 2 }
    let primal = least(() -> f(1.1, n), runs)
    let slope = least(() -> grad(x -> f(x, n))(1.1), runs)
    print("{name} 10^{e}: {primal:.3} s, gradient {slope:.3} s, quotient {slope / primal:.3}")
  }
}
