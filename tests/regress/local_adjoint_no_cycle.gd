# a rule that names its own function holds the function as it was: no cycle, nothing leaks
fn f(k) {
  fn g(x) = k * x ^ 2
  adjoint g(x, y, dy) = dy * 2 * k * x
  fn h(x) = x ^ 3
  adjoint h(x, y, dy) = dy * 3 * h(x) / x
  (grad(g)(3), grad(h)(2), grad(grad(h))(2))
}
print(f(2))     # expect: (12, 12, 12)
