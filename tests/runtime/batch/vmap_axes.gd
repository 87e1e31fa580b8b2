# vmap: which axis counts the items, what can be mapped, what is refused, models and ensembles
# source: loops over the items
# axes
let A = reshape(range(0, 24), 2, 3, 4)
fn near(a, b) = max(abs(a - b)) < 1e-12 * (1 + max(abs(b)))
let loop = (f, n) -> stack(list(f(i) for i in 0..n))
print(near(vmap(m -> m @ m', axes: -1)(A), loop(i -> A[:, :, i] @ A[:, :, i]', 4)))  # expect: true
print(near(vmap(m -> sum(m, axis: 0), axes: 1)(A), loop(i -> sum(A[:, i], axis: 0), 3)))  # expect: true
print(vmap((a, b) -> a * b, axes: (1, 0))([[1, 2], [3, 4]], [10, 100]))
# expect: [[ 10,  30],
# expect:  [200, 400]]
print(try { vmap(x -> x, axes: 3)(A) } catch e { e.code })            # expect: E0226
print(try { vmap(x -> x, axes: -4)(A) } catch e { e.code })           # expect: E0226
print(try { vmap(x -> x, axes: 0.5)(A) } catch e { e.code })          # expect: E0201
print(try { vmap(x -> x, axes: nil)(A) } catch e { e.code })          # expect: E0201
print(try { vmap((x, y) -> x, axes: (nil, nil))(A, A) } catch e { e.code })  # expect: E0203
print(try { vmap((x, y) -> x, axes: (0, 0, 0))(A, A) } catch e { e.code })  # expect: E0203
print(try { vmap((x, y) -> x)(A, [1, 2, 3]) } catch e { e.code })     # expect: E0213
print(try { vmap(x -> x)(3) } catch e { e.code })                     # expect: E0226
print(try { vmap(x -> x)("ab") } catch e { e.code })                  # expect: E0226
print(try { vmap(3) } catch e { e.code })                             # expect: E0201
print(try { vmap(x -> x)() } catch e { e.code })                      # expect: E0203
print(try { vmap(x -> "a")(A) } catch e { e.code })                   # expect: E0201
print(try { vmap(x -> v -> x)(A) } catch e { e.code })                # expect: E0201
print(vmap(x -> nil)(A))                                              # expect: nil
print(vmap(x -> (x, nil))([1, 2]))                                    # expect: ([1, 2], nil)
print(vmap(x -> x[0, 0] > 2)(A))                                      # expect: [false, true]
print(vmap((t) -> t[0] * t[1][0])(([1, 2], ([3, 4],))))               # expect: [3, 8]
print(vmap((t, s) -> t.a * s, axes: ((1, nil), nil))((a: [[1, 2], [3, 4]], b: 7), 2))
# expect: [[2, 6],
# expect:  [4, 8]]
print(vmap(r -> r + 1)(0..3))                                         # expect: [1, 2, 3]
# models and ensembles
model Lin(n, m) { param w = zeros(n, m); param b = zeros(m); let k = 3; fn (x) = x @ w * k + b }
seed(1)
fn make(s) { var l = Lin(2, 3); l.w = [[s, 1, 2], [3, s, 5]]; l.b = [s, 0, 1]; l }
let each = list(make(s) for s in (0.5, 1.5, 2.5))
print(try { vmap(m -> m([1, 2]))(each) } catch e { e.code })          # expect: E0213
let many = vmap(s -> make(s))([0.5, 1.5, 2.5])
print(type(many), many.w.shape, many.b.shape, many.k)                 # expect: Lin (3, 2, 3) (3, 3) 3
print(near(vmap(m -> m([1, 2]))(many), stack(list(m([1, 2]) for m in each))))  # expect: true
let G = vmap(grad((m, x, y) -> sum((m(x) - y) ^ 2)), axes: (0, nil, nil))(many, [1, 2], [1, 1, 1])
let g1 = grad((m, x, y) -> sum((m(x) - y) ^ 2))(each[1], [1, 2], [1, 1, 1])
print(type(G), near(G.w[1], g1.w), near(G.b[1], g1.b))                # expect: Lin true true
# a list of parameter trees, stacked by vmap itself: an ensemble trained in one go
fn loss(p, x, y) = mean((tanh(x @ p.a) @ p.b - y) ^ 2)
let X = [[sin(i), cos(2 * i)] for i in 0..20]
let y = X[:, 0] * X[:, 1]
fn start(k) = (a: [[sin(k + i + 2 * j) for j in 0..4] for i in 0..2], b: [cos(k * j) for j in 0..4])
var ens = vmap(start)([1, 2, 3])
descend ens using adam(lr: 0.05) for 30 { sum(vmap(loss, axes: (0, nil, nil))(ens, X, y)) }
var alone = start(2)
descend alone using adam(lr: 0.05) for 30 { loss(alone, X, y) }
print(near(ens.a[1], alone.a), near(ens.b[1], alone.b))               # expect: true true
# no items, one item
print(vmap(x -> sum(x))(zeros(0, 3)).shape, vmap(x -> x)(ones(1, 3)), vmap(x -> x > 0)(zeros(0)).shape)
# expect: (0,) [[1, 1, 1]] (0,)
# what is fixed in a model has to be one for all items
model Box(u) { let f = e -> e * u; let n = u; param p = 1; fn (x) = x * p * n }
fn box(v, u) { var b = Box(u); b.p = v; b }
print(vmap(v -> box(v, 2))([1, 2]).p, vmap(m -> m(3))(vmap(v -> box(v, 2))([1, 2])))   # expect: [1, 2] [6, 12]
print(try { vmap(v -> box(1, v))([1, 2]) } catch e { e.code })        # expect: E0208
# large items go in parts, or one by one
let B = reshape(range(0, 40000), 200, 200) / 40000
let at = range(0, 60) / 60
print(near([sum(B * at[i] + i) / 1e6 for i in 0..60], sum(B) / 1e6 * at + 2.4 * at))   # expect: true
let rows = reshape(range(0, 120000), 4000, 30) / 1e5
print(near(vmap(r -> sum(outer(r, r)))(rows), sum(rows, axis: 1) ^ 2))  # expect: true
print(near(grad(w -> sum(vmap(r -> sum(outer(r, r) * w))(rows)))(2), sum(sum(rows, axis: 1) ^ 2)))  # expect: true
print(near(vmap(r -> vmap(s -> sum(r * s))(rows[:50]))(rows), rows @ rows[:50]'))  # expect: true
