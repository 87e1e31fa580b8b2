# A function with its own adjoint is called like any other: by name, with defaults, and derivatives go through a
# default that is computed from the parameters before it.
fn g(a, k: 2) = a * k
adjoint g(a, k, y, dy) = (dy * k * 5, dy * a)
print(grad(g)(3), grad(x -> g(x, k: 4))(3), grad(x -> g(1, x))(3))    # expect: 10 20 1
print(grad(x -> g(k: x, a: 2))(3))                                    # expect: 2
fn h(a, k: 2 * a) = a * k
adjoint h(a, k, y, dy) = (dy * k, dy * a)
print(h'(3), h''(3), grad(grad(x -> h(a: x)))(3))                     # expect: 12 4 4
fn q((a, b), c[n], m: n) = sum(c) * a * b * m
adjoint q(p, c, m, y, dy) = ((dy * 100, dy), dy * ones(3), nil)
print(grad(q)((1, 2), [1, 2, 3]))                                     # expect: (100, 1)
print(grad(q, wrt: "c")((1, 2), c: [1, 2, 3], m: 4))                  # expect: [1, 1, 1]
fn scaled(x) {
  let z = 7
  fn l(a, k: z) = a * k
  adjoint l(a, k, y, dy) = (dy * k * 2, nil)
  l(x)
}
print(scaled(3), grad(scaled)(3))                                     # expect: 21 14
print(try { grad(x -> g(k: x))(1) } catch e { e.message })            # expect: `g` is not given `a`
fn s(...xs) = sum(x for x in xs)
adjoint s(...xs) = map(xs[:-2], x -> xs[-1] * 3)
print(grad(x -> s(x, 1, x))(2))                                       # expect: 6
