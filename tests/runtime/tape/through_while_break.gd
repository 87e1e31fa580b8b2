fn f(x) {
  var y = x
  while true {
    if y > 50 { break }
    y = y * x
  }
  y
}
print(f(3), grad(f)(3))   # expect: 81 108
# Newton's iteration for a square root: derivative 1 / (2 sqrt(a))
fn root(a) {
  var r = a
  while abs(r * r - a) > 1e-14 { r = (r + a / r) / 2 }
  r
}
print(grad(root)(4))      # expect~ 0.25 1e-9
