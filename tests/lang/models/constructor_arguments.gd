# visible in all of the model and kept with it
model Power(n, scale: 10) {
  param w[1] = 1
  let twice = 2 * n
  fn (x) = scale * x ^ n
  fn info() = (n, twice, scale)
}
let p = Power(3)
print(p(2), p.info())             # expect: 80 (3, 6, 10)
print(Power(2, scale: 1).info())  # expect: (2, 4, 1)
