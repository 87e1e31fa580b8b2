# traps of nested derivatives, in every mixture of modes, against closed forms
# source: Siskind and Pearlmutter 2005, "Perturbation confusion and referential transparency"; Manzyuk et al. 2019,
# "Perturbation confusion in forward automatic differentiation of higher-order functions"; closed forms
fn rev(f) = x -> vjp(f, x)[1](1)
fn fwd(f) = x -> jvp(f, x, 1)[1]
fn near(a, b) = abs(a - b) <= 1e-9 * (1 + abs(b))
let modes = (grad, rev, fwd)
var wrong = 0
fn is(name, got, want) {
  if near(got, want) { return 0 }
  print("{name}: {got}, not {want}")
  1
}

# what a derivative's function, a curried one, a closure or a list captures
for outer in modes {
  for inner in modes {
    wrong += is("x d/dy (x + y)", outer(x -> x * inner(y -> x + y)(1))(5), 1)
    wrong += is("x d/dy (x y)", outer(x -> x * inner(y -> x * y)(2))(3), 6)
    wrong += is("d/dy at x", outer(x -> inner(y -> x * y ^ 2)(x))(3), 12)
    wrong += is("inner constant", outer(x -> inner(y -> x)(7) + x)(5), 1)
    wrong += is("inner sees the outer branch", outer(x -> inner(y -> if x > y { x * y } else { y * y })(1))(2), 1)
    # the shift operator: D(s)(0) is the derivative as a function, twice it is the second
    let s = u -> (f -> (x -> f(x + u)))
    let d = f -> (x -> outer(u -> s(u)(f)(x))(0))
    let e = f -> (x -> inner(u -> s(u)(f)(x))(0))
    wrong += is("shift twice", d(e(sin))(0.3), -sin(0.3))
    wrong += is("shift of a shift", inner(v -> d(s(v)(exp))(0.3))(0), exp(0.3))
    # a function made in the outer derivative and called in the inner one, and the other way
    wrong += is("captured", outer(x -> { let g = y -> x * y ^ 2; inner(z -> g(z) * x)(3) })(2), 24)
    wrong += is("returned", outer(x -> { let h = inner(y -> x * y ^ 3); h(x) })(2), 36)
    wrong += is("curried", outer(x -> { let f = a -> b -> c -> a * b * c ^ 2; inner(f(x)(x))(3) })(2), 24)
    wrong += is("in a list", outer(x -> { let r = (k: x, f: y -> x * y ^ 2); inner(y -> r.f(y) * r.k)(1) })(3), 12)
    wrong += is("in a variable", outer(x -> { var s = x; inner(y -> { var t = s; t = t * y; t * y })(2) + s })(3), 5)
    # the pull of a vjp, and a tangent, used inside another derivative
    wrong += is("pull", outer(x -> { let (y, pull) = vjp(t -> t ^ 3, x); y * pull(x) })(2), 3 * 6 * 2 ^ 5)
    wrong += is("pull of an inner", outer(x -> inner(z -> vjp(t -> t ^ 2 * z, x)[1](z))(2))(3), 8)
    wrong += is("pull called by a derivative of its cotangent",
      outer(x -> { let (y, pull) = vjp(t -> t ^ 3, x); inner(c -> pull(c * x))(1) })(2), 36)
    wrong += is("tangent in a direction that moves", outer(x -> jvp(t -> t ^ 3, x, x ^ 2)[1])(2), 3 * 4 * 2 ^ 3)
    # through checkpoint and functions with rules of their own
    wrong += is("checkpoint", outer(x -> checkpoint(y -> inner(z -> x * y * z ^ 2)(y))(x))(2), 24)
    wrong += is("checkpoint inside", outer(x -> x * inner(checkpoint(y -> x * y ^ 2))(3))(2), 24)
    wrong += is("adjoint", outer(x -> x * inner(y -> cubed(x * y))(1))(2), 3 * 4 * 8)
    wrong += is("tangent rule", outer(x -> x * inner(y -> squared(x * y))(1))(2), 2 * 3 * 4)
    # element writes, comprehensions and tensors between two derivatives
    wrong += is("element", outer(x -> inner(y -> { var v = [x, y]; v[0] = v[1] * x; v[1] = v[0] * y; sum(v) })(2))(3), 5)
    wrong += is("comprehension", outer(x -> inner(y -> sum([x * y ^ k for k in 0..3]))(2))(3), 5)
    wrong += is("tensor", outer(x -> inner(y -> sum([x, y] * [y, x * y]))(2))(3), 1 + 4)
    wrong += is("stopped", outer(x -> inner(y -> stop_gradient(x) * y * x)(2))(3), 3)
    wrong += is("through try", outer(x -> try { inner(y -> if y > 0 { error("no") } else { y })(x) } catch e { x ^ 2 })(3), 6)
  }
}
fn cubed(x) = x ^ 3
adjoint cubed(x, y, dy) = 3 * x ^ 2 * dy
fn squared(x) = x ^ 2
tangent squared(x, dx) = 2 * x * dx

# d/dx at three depths
fn d3(a, b, c) = a(x -> b(y -> c(z -> x * y * z ^ 2)(y))(x))
for a in modes { for b in modes { for c in modes { wrong += is("three deep", d3(a, b, c)(2), 16) } } }

# third derivatives with closed forms in the eight mixtures, of a number and of a tensor's directional derivative
let thirds = (
  ("sin", sin, x -> -cos(x)), ("exp", exp, exp), ("log", log, x -> 2 / x ^ 3), ("sqrt", sqrt, x -> 3 / 8 * x ^ -2.5),
  ("1 / x", x -> 1 / x, x -> -6 / x ^ 4), ("x^5", x -> x ^ 5, x -> 60 * x ^ 2), ("x^2.5", x -> x ^ 2.5, x -> 1.875 * x ^ -0.5),
  ("tanh", tanh, x -> -2 * (1 - tanh(x) ^ 2) * (1 - 3 * tanh(x) ^ 2)), ("atan", atan, x -> (6 * x ^ 2 - 2) / (1 + x ^ 2) ^ 3),
  ("2^x", x -> 2 ^ x, x -> log(2) ^ 3 * 2 ^ x), ("x exp x", x -> x * exp(x), x -> (x + 3) * exp(x)),
  ("sin x / x", x -> sin(x) / x, x -> -cos(x) / x + 3 * sin(x) / x ^ 2 + 6 * cos(x) / x ^ 3 - 6 * sin(x) / x ^ 4),
  ("sigmoid", sigmoid, x -> { let s = sigmoid(x); s * (1 - s) * (1 - 6 * s + 6 * s ^ 2) }),
  ("erf", erf, x -> (8 * x ^ 2 - 4) / sqrt(pi) * exp(-x ^ 2)), ("asin", x -> asin(x / 2), x -> 2 * (x ^ 2 + 2) / (4 - x ^ 2) ^ 2.5),
  ("tan", tan, x -> (2 + 6 * tan(x) ^ 2) * (1 + tan(x) ^ 2)), ("log1p", log1p, x -> 2 / (1 + x) ^ 3), ("cosh", cosh, sinh),
  ("loop", x -> { var s = x; for k in 0..3 { s = s * x }; s }, x -> 24 * x), ("abs", x -> abs(x) ^ 3, x -> 6),
  ("branch", x -> if x > 1 { x ^ 4 } else { x ^ 3 }, x -> if x > 1 { 24 * x } else { 6 }),
)
for (name, f, want) in thirds {
  for x in (0.7, 1.3) {
    for a in (grad, fwd) { for b in (grad, fwd) { for c in (grad, fwd) {
      wrong += is("{name} at {x}", a(b(c(f)))(x), want(x))
    } } }
    let v = [x, 2 * x, 0.5]
    let R = (f, v) -> (x -> sum(grad(f)(x) * v))
    let F = (f, v) -> (x -> jvp(f, x, v)[1])
    let total = t -> sum(f(t[0:1] * 1)) + sum(map((t[0], t[2]), f))
    let along = 2 * want(x) * v[0] ^ 3 + want(0.5) * v[2] ^ 3
    if name != "loop" and name != "branch" {
      for a in (R, F) { for b in (R, F) { for c in (R, F) {
        wrong += is("{name}, tensor, at {x}", a(b(c(total, v), v), v)([x, 0, 0.5]), along)
      } } }
    }
  }
}

# descent inside descent: the best inner answer depends on the outer variable; one inner step at lr has derivative lr
fn inner_best(a) {
  var w = 0
  descend w using gd(lr: 0.25) for 60 { (w - a ^ 2) ^ 2 }
  w
}
for d in modes {
  wrong += is("solution of a descend", d(inner_best)(3), 6)
  wrong += is("slope at the solution of a descend", d(a -> d(b -> b * a * inner_best(b))(2))(1), 12)
}
var a = 1
descend a using gd(lr: 0.02) for 400 { (inner_best(a) - 4) ^ 2 }
wrong += is("descent inside descent", a, 2)
var rate = 0.1
descend rate using gd(lr: 10) for 40 {
  var w = 1
  descend w using gd(lr: 0.1) for 1 { rate * w ^ 2 }
  (w - 0.5) ^ 2
}
wrong += is("what is trained shapes the inner loss", rate, 2.5)
var p = 1
let lifted = descend p using gd(lr: 0.1) for 1 { p * grad(q -> p + q)(5) }
wrong += is("the trap in a descend", p, 0.9)

# a field that is a gradient, through time, and differentiated again: x'' = -V'(x), V = x^2 / 2 by leapfrog, against the
# same steps by hand, whose result is linear in the start
fn orbit(d, x0, n) {
  var x = x0
  var v = 0
  for k in 0..n {
    v -= 0.05 * d(q -> q ^ 2 / 2)(x)
    x += 0.05 * v
  }
  x
}
fn orbit_by_hand(x0, n) {
  var x = x0
  var v = 0
  for k in 0..n {
    v -= 0.05 * x
    x += 0.05 * v
  }
  x
}
for inner in (grad, fwd) { for outer in (grad, fwd) {
  wrong += is("orbit", outer(x -> orbit(inner, x, 40))(1.3), orbit_by_hand(1, 40))
  wrong += is("orbit, again", outer(x -> outer(y -> orbit(inner, y, 40))(x) * x)(1.3), orbit_by_hand(1, 40))
} }
# a field of two numbers that is not linear: derivative by its start and by its strength, against differences to 1e-8
fn field(d, k, x) = d(q -> k * sum(cos(q)) + q[0] * q[1] ^ 2)(x)
fn gradient_forward(f) = x -> [jvp(f, x, [1, 0])[1], jvp(f, x, [0, 1])[1]]
fn path(d, k) {
  var x = [0.4, -0.3]
  for n in 0..20 { x -= 0.05 * field(d, k, x) }
  sum(x * [1, 2])
}
let h = 1e-3
let slope = (8 * (path(grad, 1 + h) - path(grad, 1 - h)) - (path(grad, 1 + 2 * h) - path(grad, 1 - 2 * h))) / (12 * h)
for inner in (grad, gradient_forward) { for outer in (grad, fwd) {
  assert abs(outer(k -> path(inner, k))(1) - slope) < 1e-8
} }
print(wrong)    # expect: 0
