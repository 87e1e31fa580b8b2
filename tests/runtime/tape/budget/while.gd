# while, in parts: left by its condition, by break, by return; printing and draws once; loops in loops; forward mode, which
# sweeps nothing, is the oracle
# args: --tape-memory 200K
# timeout: 60
fn plain(x, n) {
  var y = x
  var i = 0
  while i < n { y = y * 0.9999 + 0.001 * x; i += 1 }
  y * i
}
fn newton(a) {                       # ends when it is there, after a long way
  var x = 1e3 * a
  while abs(x - a) > 1e-3 { x = x - 1e-3 * (x - a) + 1e-9 * sin(x) }
  x * a
}
fn broken(x) {
  var (y, i) = (x, 0)
  while true {
    i += 1
    if i % 7 == 0 { continue }
    y = sin(y) * 0.999 + x * 1e-3 * normal()
    if i % 9000 == 5 { print("turn", i) }
    if i >= 20_000 { break }
  }
  y + i
}
fn returned(x) {
  var y = x
  var i = 0
  while i < 50_000 {
    y = y * 0.9999 + x * cos(i)
    i += 1
    if i > 15_000 {
      if x > 0 { return [y * 2, x] }
      if i > 16_000 { return [y * y, i * x] }
    }
  }
  [y, y]
}
fn nested(x) {
  var (y, i) = (x, 0)
  while i < 200 {
    var k = 0
    while true {
      y = cos(y) * x + 1e-3 * k
      k += 1
      if k == 20 + i { break }
    }
    i += 1
  }
  y
}
fn short(x) {                        # an inner loop of few turns is the outer one's to divide
  var y = x
  for i in 0..20_000 {
    var k = 0
    while k < 2 { y = y * 0.9999 + 1e-4 * x; k += 1 }
  }
  y
}
fn agree(f, x) = abs(grad(f)(x) / jvp(f, x, 1)[1] - 1) < 1e-11
print(agree(x -> plain(x, 30_000), 0.7))         # expect: true
print(agree(newton, 0.7))                        # expect: true
seed(4)
let back = grad(broken)(0.7)
# expect: turn 5
# expect: turn 9005
# expect: turn 18005
let after = normal()
seed(4)
let (_, forth) = jvp(broken, 0.7, 1)
# expect: turn 5
# expect: turn 9005
# expect: turn 18005
print(after == normal(), abs(back / forth - 1) < 1e-11)   # expect: true true
for x in (0.7, -0.7) { print(agree(x -> sum(returned(x)), x)) }
# expect: true
# expect: true
print(agree(nested, 0.7), agree(short, 0.7))     # expect: true true
# the value is the same to the last bit
let f = x -> plain(x, 30_000)
print(value_and_grad(f)(0.7)[0] == f(0.7), value_and_grad(nested)(0.7)[0] == nested(0.7))   # expect: true true
