# a root found with f', differentiated by the parameter: d sqrt(a) / da
fn newton(f, x0) {
  var x = x0
  for i in 0..20 { x = x - f(x) / f'(x) }
  x
}
print(newton(x -> x ^ 2 - 2, 1))                   # expect~ 1.4142135623730951 1e-15
print(grad(a -> newton(x -> x ^ 2 - a, 1))(2))     # expect~ 0.35355339059327373 1e-12
