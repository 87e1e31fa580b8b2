fn f(x) {
  var y = x
  for i in 0..3 { y = y * x }
  y
}
print(grad(f)(2))   # expect: 32
fn dot(x, y) {
  var s = 0
  for i in 0..len(x) { s += x[i] * y[i] }
  s
}
print(grad(dot)([1, 2], [3, 4]))  # expect: [3, 4]
