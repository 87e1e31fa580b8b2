# The steps of lm are plain numbers: an outer derivative through the residuals is refused, not lost.
fn fit(x) {
  var w = [1, 2]
  descend w using lm() for 5 { [w[0]^2 - x, w[1] * w[0] - 1, w[1] - x] }  # expect error: E0303
  sum(w^2)
}
print(fit(2) > 1)                      # expect: true
print(grad(x -> x * stop_gradient(fit(stop_gradient(x))))(2) > 1)    # expect: true
print(grad(fit)(2))
