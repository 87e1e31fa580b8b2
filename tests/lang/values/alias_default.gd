# a default is computed anew, or at least never remembered changed
fn f(xs: (1, 2)) {
  var ys = xs
  ys = (...ys, 3)
  ys
}
print(f())  # expect: (1, 2, 3)
print(f())  # expect: (1, 2, 3)
