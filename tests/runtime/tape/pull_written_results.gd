# results written by element, pulled with cotangents that an outer derivative watches
fn f(x) {
  var y = zeros(2)
  y[0] = x ^ 2
  y[1] = x
  var z = zeros(2)
  z[1] = x * y[0]
  (x ^ 2, y, z)
}
let p = vjp(f, 3)[1]
print(p((1, [1, 1], [5, 1])))                         # expect: 40
print(grad(s -> p((s, [s ^ 2, s], [5, s ^ 2])))(2))   # expect: 139
