# perturbation confusion, in all four combinations of modes
fn fwd(f, x) = jvp(f, x, 1)[1]
fn rev(f, x) = grad(f)(x)
let modes = (fwd, rev)
# Siskind and Pearlmutter 2005, "Perturbation confusion and referential transparency": d/dx (x d/dy (x + y)) at 1 is 1
print((d(x -> x * e(y -> x + y, 1), 1) for d in modes, e in modes))      # expect: (1, 1, 1, 1)
print((d(x -> x * e(y -> x * y, 1), 1) for d in modes, e in modes))      # expect: (2, 2, 2, 2)
# Manzyuk et al. 2019: the shift operator D(s)(0)(D(s)(0)(sin)) is sin''
fn s(u) = f -> (x -> f(x + u))
for d in modes {
  for e in modes {
    let dh = x -> d(u -> s(u)(sin)(x), 0)
    print(e(u -> s(u)(dh)(0.3), 0) == -sin(0.3))
  }
}
# expect: true
# expect: true
# expect: true
# expect: true
# a constant that depends on the outer variable (Pearlmutter and Siskind 2008)
print((d(x -> e(y -> if x > y { x * y } else { y * y }, 1), 2) for d in modes, e in modes))  # expect: (1, 1, 1, 1)
# third order, all eight: d3/dxdydz x^2 y^3 z at (1, 2, 3) is 2 * 3 * 4
print((d(x -> e(y -> g(z -> x^2 * y^3 * z, 3), 2), 1) for d in modes, e in modes, g in modes))  # expect: (24, 24, 24, 24, 24, 24, 24, 24)
# the same variable: sin''' at 0.5 on numbers and in tensors
for d in modes {
  for e in modes {
    for g in modes {
      let third = d(x -> e(y -> g(sin, y), x), 0.5)
      let vector = d(x -> e(y -> g(z -> sum(sin([z, 1])), y), x), 0.5)
      assert abs(third + cos(0.5)) < 1e-15 and abs(vector + cos(0.5)) < 1e-15
    }
  }
}
# what leaves carries nothing: a closure made inside
let kept = jvp(x -> (() -> x * 2), 3, 1)[0]
print(kept(), fwd(y -> kept() * y, 1))                                   # expect: 6 6
# gradient descent inside a forward derivative, and the other way round
fn inner(a) {
  var y = 1
  for i in 0..20 { y -= 0.3 * grad(z -> (z - a)^2)(y) }
  y
}
fn inner_forward(a) {
  var y = 1
  for i in 0..20 { y -= 0.3 * fwd(z -> (z - a)^2, y) }
  y
}
print(fwd(inner, 4) > 0.9999999, grad(inner_forward)(4) > 0.9999999, fwd(inner_forward, 4) > 0.9999999)  # expect: true true true
