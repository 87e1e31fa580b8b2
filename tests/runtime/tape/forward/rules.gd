# functions with rules of their own, in the mode that has one and in the other; factors of 10 and 100 tell the rules
fn t(x, y) = x * y
tangent t(x, y, dx, dy) = 10 * (dx * y + x * dy)
print(jvp(t, (2, 3), (1, 0)))                       # expect: (6, 30)
print(grad(t, wrt: (0, 1))(2, 3))                   # expect: (30, 20)
print(grad(grad(t), wrt: 1)(2, 3), jvp(y -> grad(t)(2, y), 3, 1)[1], grad(y -> jvp(x -> t(x, y), 2, 1)[1])(3))  # expect: 10 10 10
fn a(x) = exp(x)
adjoint a(x, y, dy) = 10 * dy * y
print(jvp(a, 0, 1), grad(a)(0))                     # expect: (1, 10) 10
print(jvp(x -> sum(a(x) * [1, 2]), [0, 0], [1, 10]))   # expect: (3, 210)
print(jvp(grad(a), 0, 1), grad(x -> jvp(a, x, 1)[1])(0), jvp(x -> jvp(a, x, 1)[1], 0, 1)[1])  # expect: (10, 100) 100 100
fn b(x) = x^2
adjoint b(x, y, dy) = 10 * dy * x
tangent b(x, dx) = 100 * dx * x
print(jvp(b, 3, 1)[1], grad(b)(3))                  # expect: 300 30
# trees
fn c(p, s) = (u: p.a * s, v: p.b + s)
tangent c(p, s, dp, ds) = (u: dp.a * s + p.a * ds, v: dp.b + ds)
print(jvp(p -> c(p, 2), ((a: [1, 2], b: 3),), ((a: [1, 0], b: 5),)))  # expect: ((u: [2, 4], v: 5), (u: [2, 0], v: 5))
print(grad(p -> sum(c(p, 2).u) * c(p, 2).v)((a: [1, 2], b: 3)))       # expect: (a: [10, 10], b: 6)
# arguments that do not move have tangents of zero, what cannot nil
fn e(x, i) = x[i]
tangent e(x, i, dx, di) = dx[i]
print(jvp(x -> e(x, 1), [1, 2], [3, 4]), grad(x -> e(x, 1))([1, 2]))  # expect: (2, 4) [0, 1]
# local functions with captures
fn outer(k) {
  fn g(x) = k * x
  tangent g(x, dx) = k * dx * 10
  (jvp(g, 1, 1)[1], grad(g)(1))
}
print(outer(3))                                     # expect: (30, 30)
fn bad(x) = x * 2
tangent bad(x, dx) = [1, 2, 3]
print(try { jvp(bad, [1, 2], [1, 1]) } catch err { err.code })        # expect: E0305
print(try { grad(x -> sum(bad(x)))([1, 2]) } catch err { err.code })  # expect: E0305
