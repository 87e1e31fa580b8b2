# several vars at once
fn f(a, b) {
  var (p, q) = (a, b)
  for i in 0..10 { (p, q) = (q, p + q) }
  q
}
print(grad(f, wrt: (0, 1))(1, 1))  # expect: (55, 89)
