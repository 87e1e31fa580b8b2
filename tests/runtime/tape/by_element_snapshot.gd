# what was copied before a later write keeps its own derivative
fn f(x) {
  var y = x
  y[0] = x[0] * x[1]
  let before = y
  let seen = sum(y)
  y[0] = 100
  sum(before * [1, 10]) + sum(y * [1000, 1]) + seen
}
# x0 x1 + 10 x1 + x1 + x0 x1 + x1 + a constant
print(grad(f)([3, 5]))     # expect: [10, 18]
# an element that nobody wrote is still the whole's
fn g(x) {
  var y = x * 2
  y[1] = 0
  y[0] + sum(y ^ 2)
}
print(grad(g)([1, 2, 3]))  # expect: [10, 0, 24]
