model Line(a0, b0) {
  param a = a0
  param b = b0
  fn (x) = a * x + b
  fn at_zero() = b
  fn scaled(k: 2) = k * a
  fn both(x) = (at_zero(), scaled(k: x))
}
let l = Line(3, 4)
print(l(2), l.at_zero(), l.scaled(), l.scaled(k: 5), l.both(10))  # expect: 10 4 6 15 (4, 30)
