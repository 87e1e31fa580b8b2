# cases from the literature on perturbation confusion
# Manzyuk et al. 2019, "Perturbation confusion in forward automatic differentiation of higher-order functions":
# the shift operator s(u)(f)(x) = f(x + u), D(s)(0) applied to D(s)(0) of h is h''
fn s(u) = f -> (x -> f(x + u))
let h = sin
print(grad(u -> s(u)(h)(0.3))(0) == cos(0.3))                       # expect: true
let dh = x -> grad(u -> s(u)(h)(x))(0)
print(grad(u -> s(u)(dh)(0.3))(0) == -sin(0.3))                     # expect: true
# Siskind and Pearlmutter 2005: d/dx (x d/dy (x y)) at 1 is 2
print(grad(x -> x * grad(y -> x * y)(1))(1))                        # expect: 2
# Pearlmutter and Siskind 2008: a constant that depends on the outer variable
print(grad(x -> grad(y -> if x > y { x * y } else { y * y })(1))(2))  # expect: 1
# min max by nested gradients through a loop
fn inner(a) {
  var y = 1
  for i in 0..20 { y -= 0.3 * grad(z -> (z - a) ^ 2)(y) }
  y
}
print(grad(inner)(4) > 0.9999999)                                   # expect: true
# mixed partials agree
let f = (x, y) -> x ^ 2 * y ^ 3
print(grad(x -> grad(y -> f(x, y))(2))(3), grad(y -> grad(x -> f(x, y))(3))(2))  # expect: 72 72
