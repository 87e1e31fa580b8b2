# values laid at places that are listed
# op: set_rows
fn f(x, v) {
  var y = x
  y[[3, 0]] = v
  sum(y * [1, 10, 100, 1000])
}
print(grad(f, wrt: (0, 1))([1, 2, 3, 4], [5, 6]))  # expect: ([0, 10, 100, 0], [1000, 1])
fn g(x, v) {
  var y = x
  y[x > 2] = v
  sum(y * [1, 10, 100, 1000])
}
print(grad(g, wrt: (0, 1))([1, 3, 2, 4], 7))       # expect: ([1, 0, 100, 0], 1010)
