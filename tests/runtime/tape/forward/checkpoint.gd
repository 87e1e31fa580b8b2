fn step(u, w) = tanh(u * w + 0.1)
fn plain(w) { var u = [0.5, -0.2]; for i in 0..6 { u = step(u, w) }; sum(u) }
fn thrifty(w) { var u = [0.5, -0.2]; for i in 0..6 { u = checkpoint(step)(u, w) }; sum(u) }
let w = [1.5, 0.7]
print(thrifty(w) == plain(w), all(grad(thrifty)(w) == grad(plain)(w)))   # expect: true true
# captures are inputs too; results may be trees
fn captured(w) { let f = checkpoint(u -> (u * w, u + sum(w))); let (a, b) = f(3); sum(a) * b }
print(grad(captured)([1, 2]) - grad(w -> sum(3 * w) * (3 + sum(w)))([1, 2]))  # expect: [0, 0]
# any nesting
print(max(abs(hessian(thrifty)(w) - hessian(plain)(w))) < 1e-14)         # expect: true
print(max(abs(hessian(thrifty, mode: "reverse")(w) - hessian(plain)(w))) < 1e-14)  # expect: true
print(abs(jvp(thrifty, w, [1, 0])[1] - grad(plain)(w)[0]) < 1e-15)       # expect: true
print(grad(w -> sum(grad(checkpoint(plain))(w)))(w) - grad(w -> sum(grad(plain)(w)))(w))  # expect: [0, 0]
print(grad(x -> checkpoint(y -> checkpoint(z -> z^3)(y) * 2)(x))(2))     # expect: 24
# the second run draws the same random numbers, and the draws that follow are not disturbed
fn noisy(x) = sum(checkpoint(u -> u * normal(3))(x)) + sum(x) * normal()
seed(3)
let g = grad(noisy)([1, 1, 1])
let after = normal()
seed(3)
print(all(g == normal(3) + normal()), after == normal())                  # expect: true true
# states are assigned once: the second run commits nothing
model M() {
  param w = 2
  state n = 0
  fn (x) { n += 1; w * x }
}
var m = M()
descend m using gd(lr: 0.1) for 3 { checkpoint(x -> m(x)^2)(1) }
print(m.n)                                                               # expect: 3
var k = M()
descend k using gd(lr: 0.1) for 3 { k(1)^2 }
print(m.w == k.w)                                                        # expect: true
# derivatives flow through a state within one evaluation
model A() {
  param w = 2
  state s = 1
  fn (x) { s = s * w; s * x }
}
var a = A()
var b = A()
descend a using gd(lr: 0.01) for 1 { a(1); checkpoint(x -> a(x) + a(x))(1) + a(1) }
descend b using gd(lr: 0.01) for 1 { b(1); b(1) + b(1) + b(1) }
print(a.w == b.w, a.s == b.s)                                            # expect: true true
