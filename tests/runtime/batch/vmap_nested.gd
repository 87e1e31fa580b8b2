# vmap inside and around every derivative; kinds of results; errors
# source: loops over the items, closed forms
fn near(a, b) = max(abs(a - b)) < 1e-11
fn f(x) = sum(sin(x) * x[0]^2) + prod(x)
let X = [[0.3, -0.7, 1.2], [1.1, 0.4, -0.5], [2, 0.1, 0.7]]
let V = [[1, 0.5, -1], [0, 1, 2], [-1, 1, 0.3]]
fn each(g) = stack(list(g(X[i], V[i]) for i in 0..3))
print("grad", near(vmap(grad(f))(X), each((x, v) -> grad(f)(x))))     # expect: grad true
print("jvp", near(vmap((x, v) -> jvp(f, x, v)[1])(X, V), each((x, v) -> jvp(f, x, v)[1])))  # expect: jvp true
print("vjp", near(vmap((x, v) -> { let (y, pull) = vjp(u -> cumsum(u^2), x); pull(v) })(X, V), each((x, v) -> vjp(u -> cumsum(u^2), x)[1](v))))
# expect: vjp true
print("jac", near(vmap(jacobian(u -> cumsum(u^2)))(X), each((x, v) -> jacobian(u -> cumsum(u^2))(x))))
# expect: jac true
print("jacf", near(vmap(jacobian(u -> cumsum(u^2), mode: "forward"))(X), each((x, v) -> jacobian(u -> cumsum(u^2))(x))))
# expect: jacf true
print("hess", near(vmap(hessian(f))(X), each((x, v) -> hessian(f)(x))))  # expect: hess true
print("hvp", near(vmap((x, v) -> hvp(f, x, v))(X, V), each((x, v) -> hvp(f, x, v))))  # expect: hvp true
print("vag", near(vmap(value_and_grad(f))(X)[0], each((x, v) -> f(x))), near(vmap(value_and_grad(f))(X)[1], each((x, v) -> grad(f)(x))))
# expect: vag true true
let F = w -> sum(cos(w[0] * vmap(f)(X * w[1])))
let L = w -> sum(cos(w[0] * stack(list(f(X[i] * w[1]) for i in 0..3))))
let w = [0.7, 1.1]
print("grad of", near(grad(F)(w), grad(L)(w)), near(jvp(F, w, [1, 2])[1], jvp(L, w, [1, 2])[1]), near(hessian(F)(w), hessian(L)(w)), near(hvp(F, w, [1, 2]), hvp(L, w, [1, 2])), near(jacobian(F)(w), jacobian(L)(w)))
# expect: grad of true true true true true
let F2 = w -> sum(vmap(x -> sum(grad(u -> f(u * w[0]) * w[1])(x)^2))(X))
let L2 = w -> sum(list(sum(grad(u -> f(u * w[0]) * w[1])(X[i])^2) for i in 0..3))
print("grad grad", near(grad(F2)(w), grad(L2)(w)), near(hessian(F2)(w), hessian(L2)(w)), near(jvp(F2, w, [1, 2])[1], jvp(L2, w, [1, 2])[1]))
# expect: grad grad true true true
let F3 = w -> sum(vmap(x -> sum(jvp(u -> f(u * w[0]) * w[1], x, x * w[0])[1]^2))(X))
let L3 = w -> sum(list(sum(jvp(u -> f(u * w[0]) * w[1], X[i], X[i] * w[0])[1]^2) for i in 0..3))
print("grad jvp", near(grad(F3)(w), grad(L3)(w)), near(hessian(F3)(w), hessian(L3)(w)), near(jvp(F3, w, [1, 2])[1], jvp(L3, w, [1, 2])[1]))
# expect: grad jvp true true true
let F4 = w -> sum(vmap(x -> grad(v -> sum(vmap(y -> f(y * v) * w[0])(X)) )(x[0] * w[1]))(X))
let L4 = w -> sum(list(grad(v -> sum(list(f(X[j] * v) * w[0] for j in 0..3)))(X[i, 0] * w[1]) for i in 0..3))
print("vmap grad vmap", near(grad(F4)(w), grad(L4)(w)), near(jvp(F4, w, [1, 2])[1], jvp(L4, w, [1, 2])[1]))
# expect: vmap grad vmap true true
print("check", near(vmap(x -> grad(u -> sum(checkpoint(f)(u)))(x))(X), vmap(grad(f))(X)), near(grad(w -> sum(vmap(x -> checkpoint(f)(x * w[0]))(X)))(w), grad(w -> sum(vmap(x -> f(x * w[0]))(X)))(w)))
# expect: check true true
fn cube(x) = x^3
adjoint cube(x, y, dy) = 3 * x^2 * dy
fn sq(x) = x^2
tangent sq(x, dx) = 2 * x * dx
fn wrong(x) = x
adjoint wrong(x, y, dy) = 7 * dy
print("custom", near(vmap(x -> grad(u -> sum(cube(u) + sq(u)))(x))(X), 3 * X^2 + 2 * X), near(grad(w -> sum(vmap(x -> sum(cube(x * w[0])))(X)))(w), grad(w -> sum((X * w[0])^3))(w)))
# expect: custom true true
print(vmap(x -> grad(u -> sum(wrong(u)))(x))(X)[0], grad(w -> sum(vmap(x -> wrong(x[0] * w))([[1],[1]])))(2))
# expect: [7, 7, 7] 14
print("stop", near(grad(w -> sum(vmap(x -> sum(stop_gradient(x * w[0]) * w[0]))(X)))(w), [sum(X) * w[0], 0]), vmap(x -> grad(u -> sum(u * stop_gradient(u)))(x))(X)[1])
# expect: stop true [1.1, 0.4, -0.5]
print("prime", vmap(cube')([1, 2]), vmap((x -> x^4)'')([1, 2]))       # expect: prime [3, 12] [12, 48]
# captured values of an outer level are constants of the inner one
print(grad(a -> sum(vmap(x -> grad(b -> a * b * x)(a))([1, 2])))(3))  # expect: 3
print(vmap(x -> grad(a -> grad(b -> a * b^2 * x)(a))(2))([1, 5]))     # expect: [8, 40]
# results: kinds
print(vmap(x -> (a: x, b: (x > 1, [x, x])))([1, 2]))
# expect: (a: [1, 2], b: ([false, true], [[1, 1],
# expect:  [2, 2]]))
print(vmap(x -> if x > 1 { (1, x) } else { (2, x) })([1, 2, 3]))      # expect: ([2, 1, 1], [1, 2, 3])
print(try { vmap(x -> if x > 1 { (1, 2) } else { (1, 2, 3) })([1, 2, 3]) } catch e { e.code })  # expect: E0208
print(try { vmap(x -> if x > 1 { 1 } else { [1, 2] })([1, 2, 3]) } catch e { e.code })  # expect: E0220
print(try { vmap(x -> if x > 1 { 1 } else { true })([1, 2, 3]) } catch e { e.code })  # expect: [1, 1, 1]
print(try { vmap(x -> if x > 1 { nil } else { 1 })([1, 2, 3]) } catch e { e.code })  # expect: E0208
# the error is that of the item, and what was done before it is seen
var t = 0
print(try { vmap(x -> { print("item", x); if x == 2 { error("two") }; x })([1, 2, 3]) } catch e { e.message })
# expect: item 1
# expect: item 2
# expect: two
print(vmap(x -> try { [10, 20][x] } catch e { -1 })([0, 5, 1]))       # expect: [10, -1, 20]
print(try { vmap(x -> [10, 20][x])([0, 5, 1]) } catch e { e.code })   # expect: E0211
