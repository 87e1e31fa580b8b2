# y = r^n x + s (1 + r + ... + r^(n-1)) x: dy/dx in closed form, in a fifth of the memory that the recording would take
# args: --tape-memory 4M --max-memory 40M
# timeout: 60
fn decay(x, r, n) {
  var y = x
  for i in 0..n { y = y * r + 0.001 * x }
  y
}
fn slope(r, n) = r^n + 0.001 * (1 - r^n) / (1 - r)
let n = 1_000_000
print(grad(x -> decay(x, 0.999999, n))(0.7) / slope(0.999999, n))   # expect~ 1 1e-9
# by r: n r^(n-1) x + the derivative of the sum, by central differences of the closed form
let h = 1e-9
let by_r = (slope(0.99999 + h, n) - slope(0.99999 - h, n)) / (2 * h)
print(grad(r -> decay(1, r, n))(0.99999) / by_r)   # expect~ 1 1e-5
