fn f(x) {
  var y = zeros(3)
  y[0] = x[0] * 2
  y[1:3] = x[0:2] ^ 2
  y[2] += y[0]
  sum(y * [1, 10, 100])
}
# y = [2a, a^2, b^2 + 2a]
print(grad(f)([3, 4]))  # expect: [262, 800]
