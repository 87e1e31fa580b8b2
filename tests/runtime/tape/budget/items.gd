# for over lists, tensors (rows, strided, by element) and range values, and ranges left early, in parts
# args: --tape-memory 200K
# timeout: 60
let n = 20_000
fn list_of(x) {
  var y = x
  for (a, b) in map(list(0..n), k -> (x * k, k)) { y = y * 0.99 + sin(a) * 1e-3 + b * 1e-9 }
  y
}
fn numbers(t) {
  var y = 0.1
  for r in t { y = sin(y) * 0.999 + r * r }
  y
}
fn rows(t) {
  var y = zeros(2)
  for r in t { y = 0.99 * y + r * sum(r); if r[0] > 0.95 { break } }
  sum(y)
}
fn ranged(x) {
  let r = 0..n
  var y = x
  for k in r { y = 0.999 * y + x * cos(k); if k == n - 100 { return y * x } }
  y
}
fn left(x) {
  var y = x
  for k in 0..n {
    for j in 0..5 { if j > 2 { break }; y = 0.999 * y + x * j }
    if k == 15_000 { break }
    if k > 16_000 { return 0 }
    if k % 3 == 0 { continue }
    y = y * cos(1e-6 * y)
  }
  y
}
fn agree(f, x, v) = abs(sum(grad(f)(x) * v) / jvp(f, x, v)[1] - 1) < 1e-11
let t = linspace(0, 1, n)
let v = cos(100 * t)
print(agree(list_of, 0.7, 1))                                # expect: true
print(agree(numbers, t, v), agree(numbers, t[::-1], v))      # expect: true true
let m = stack([t, 1 - t])'
print(agree(rows, m, stack([v, 2 * v], axis: 1)))            # expect: true
print(agree(ranged, 0.7, 1), agree(left, 0.7, 1))            # expect: true true
fn written(x) {                                              # a tensor written by element before it is gone over
  var u = zeros(n)
  for i in 0..n { u[i] = x * i / n }
  numbers(u)
}
print(agree(written, 0.7, 1))                                # expect: true
print(value_and_grad(numbers)(t)[0] == numbers(t))           # expect: true
print(value_and_grad(rows)(m)[0] == rows(m))                 # expect: true
# float32 rows, and a model's method
let m32 = m as f32
print(grad(rows)(m32).dtype, norm(grad(rows)(m32) - grad(rows)(m)) < 1e-3 * norm(grad(rows)(m)))   # expect: f32 true
model Filter(a) {
  param w = a
  fn (xs) { var y = 0; for x in xs { y = w * y + x }; y }
}
let p = Filter(0.999)
print(abs(grad(p)(t) @ v / jvp(p, t, v)[1] - 1) < 1e-11)     # expect: true
print(abs(grad(p -> p(t))(p).w / jvp(w -> fold((y, x) -> w * y + x, 0, t), 0.999, 1)[1] - 1) < 1e-11)   # expect: true
