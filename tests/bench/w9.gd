# w9.gd: speed of the plain interpreter, beside w9.lua: the same work, test by test.
# Prints one JSON line for each test: best and median of 7.
fn fib(n) = if n < 2 { n } else { fib(n - 1) + fib(n - 2) }

fn fib_30() = fib(30)

fn float_add() {
  var s = 0
  for i in 0..10_000_000 { s = s + 0.5 }
  s
}

fn float_add_while() {
  var s = 0
  var i = 0
  while i < 10_000_000 {
    s = s + i * 0.5
    i = i + 1
  }
  s
}

fn list_push() {
  var t = ()
  for i in 0..1_000_000 { t = push(t, i) }
  len(t)
}

fn fill_sum() {
  var t = zeros(1_000_000)
  for i in 0..1_000_000 { t[i] = i }
  var s = 0
  for i in 0..len(t) { s = s + t[i] }
  s
}

fn str_build() {
  var t = ()
  for i in 0..1_000_000 { t = push(t, "x{i % 100}") }
  len(join(t, ""))
}

fn str_append() {
  var s = ""
  for i in 0..20_000 { s = s + "x" }
  len(s)
}

fn adder(k) = x -> x + k

fn closure_call() {
  let f = adder(1)
  var c = 0
  for i in 0..10_000_000 { c = f(c) }
  c
}

fn matmul_naive() {
  let n = 120
  var a = zeros(n * n)
  var b = zeros(n * n)
  var c = zeros(n * n)
  for i in 0..n * n {
    a[i] = i * 0.5
    b[i] = i * 0.25
  }
  for i in 0..n {
    for j in 0..n {
      var s = 0
      for k in 0..n { s = s + a[i * n + k] * b[k * n + j] }
      c[i * n + j] = s
    }
  }
  c[n - 1]
}

let tests = (
  ("fib_30", fib_30),
  ("float_add_1e7", float_add),
  ("float_add_while_1e7", float_add_while),
  ("list_push_1e6", list_push),
  ("fill_sum_1e6", fill_sum),
  ("str_build_1e6", str_build),
  ("str_append_20000", str_append),
  ("closure_call_1e7", closure_call),
  ("matmul_naive_120", matmul_naive),
)

for (name, work) in tests {
  var ms = zeros(7)
  var value = 0
  for k in 0..7 {
    let start = time()
    value = work()
    ms[k] = (time() - start) * 1000
  }
  let times = "\"median_ms\":{median(ms):.2f},\"min_ms\":{min(ms):.2f}"
  print("\{\"test\":\"{name}\",\"tool\":\"descent\",{times},\"result\":\"{value}\"\}")
}
