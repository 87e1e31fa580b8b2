# one tensor whose elements belong to different levels, and to none
fn h(a) = grad(b -> {
  var y = zeros(3)
  y[0] = a
  y[1] = b * a
  y[2] = 4
  y[0] * sum(y ^ 2)
})(3 * a)
# a (a^2 + b^2 a^2 + 16), by b: 2 a^3 b; at b = 3 a: 6 a^4
print(h(2))              # expect: 96
print(grad(h)(2))        # expect: 192
print(grad(grad(h))(2))  # expect: 288
