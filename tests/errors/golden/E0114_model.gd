model A(n) {
  param w
  fn (x) = x
  fn (y) = y
}
model B(n) {
  var k = 3
  print(n)
}
