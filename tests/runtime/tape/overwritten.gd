# an element that is overwritten no longer depends on what it was
fn f(x) {
  var y = x * 1
  y[0] = 5
  y[[1, 2]] = y[[2, 1]]
  sum(y * [1, 2, 3])
}
print(grad(f)([1, 2, 3]))  # expect: [0, 3, 2]
fn g(x) {
  var y = x
  y[y > 1] = 0
  sum(y)
}
print(grad(g)([1, 2, 0.5]))  # expect: [1, 0, 1]
