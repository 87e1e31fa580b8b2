# pull sweeps what vjp recorded: f has run once, whatever pull is called on and wherever
fn noisy(x) {
  print("run")
  sin(x) * x[0]
}
let (y, p) = vjp(noisy, [1, 2])                       # expect: run
let (s, c) = (sin([1, 2]), cos([1, 2]))
let want = v -> [v[0] * (c[0] + s[0]) + v[1] * s[1], v[1] * c[1]]
print(max(abs(p([1, 0]) - want([1, 0]))) < 1e-15, max(abs(p([2, 5]) - want([2, 5]))) < 1e-14)  # expect: true true
# inside other derivatives, at any depth, in both modes
print(max(abs(grad(v -> sum(p(v)^2))([1, 2]) - grad(v -> sum(want(v)^2))([1, 2]))) < 1e-14)  # expect: true
print(max(abs(hessian(v -> sum(p(v)^2))([1, 2]) - hessian(v -> sum(want(v)^2))([1, 2]))) < 1e-14)  # expect: true
print(max(abs(jvp(p, [1, 2], [0, 1])[1] - want([0, 1]))) < 1e-15)   # expect: true
print(max(abs(jacobian(p)([3, 4]) - jacobian(want)([3, 4]))) < 1e-15)  # expect: true
print(max(abs(vmap(grad(v -> prod(p(v))))([[1, 2], [3, 4]])[1] - grad(v -> prod(want(v)))([3, 4]))) < 1e-14)
# expect: true
# made and used inside a derivative: once for each run of the function around it
fn inner(x) {
  let (y, q) = vjp(z -> { print("inner"); z^3 * x }, x)
  q(x) + q(1) * y
}
print(grad(inner)(2) == 96 + 21 * 64)                 # expect: inner
                                                      # expect: true
print(jvp(inner, 2, 1)[1] == 96 + 21 * 64)            # expect: inner
                                                      # expect: true
print(grad(grad(inner))(2) == 144 + 126 * 32)          # expect: inner
                                                      # expect: true
# a pull that has left the derivative it was made in holds nothing of it, so f runs again
let ((v, left), g) = value_and_grad(x -> { let (y, q) = vjp(z -> { print("left"); z^2 * x }, x); (y, q) }, aux: true)(3)
print(v, g, left(1))                                  # expect: left
                                                      # expect: left
                                                      # expect: 27 27 18
# rules of one's own, checkpoints and derivatives inside
fn cube(x) = x^3
adjoint cube(x, y, dy) = 3 * x^2 * dy
let k = vjp(x -> cube(x) * checkpoint(u -> exp(u))(x) + grad(u -> cube(u) * x)(x), 1)[1]
print(abs(k(1) - (4 * exp(1) + 9)) < 1e-14, k(1) == k(1), abs(grad(v -> k(v)^2)(1) - 2 * k(1)^2) < 1e-12)  # expect: true true true
# results written by element, trees, and what has no derivative
fn written(t) {
  var y = zeros(2)
  y[0] = t.a^2
  y[1] = t.a * t.b[0]
  (y: y, n: 3, name: "s", again: y)
}
let w = vjp(written, (a: 3, b: [4, 5]))[1]
print(w((y: [1, 1], n: nil, name: nil, again: [0, 1])))          # expect: (a: 14, b: [6, 0])
print(grad(v -> w((y: v, n: nil, name: nil, again: v)).a)([1, 1]))   # expect: [12, 8]
