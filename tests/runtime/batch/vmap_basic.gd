# source: closed forms; loops over the items
print(vmap(x -> x * x)([1, 2, 3]))                                  # expect: [1, 4, 9]
print(vmap((x, y) -> (a: x + y, b: x * y), axes: (0, nil))([1, 2], 10))   # expect: (a: [11, 12], b: [10, 20])
print(vmap(vmap((x, y) -> x * y, axes: (nil, 0)), axes: (0, nil))([1, 2], [3, 4]))
# expect: [[3, 4],
# expect:  [6, 8]]
let A = [[1, 2, 3], [4, 5, 6]]
print(vmap(sum, axes: 1)(A))                                        # expect: [5, 7, 9]
print(vmap(sum, axes: -2)(A))                                       # expect: [6, 15]
print(vmap(r -> r[0] > 1)(A))                                       # expect: [false, true]
print(vmap(x -> 7)([1, 2]))                                         # expect: [7, 7]
print(vmap(x -> [1, 2])([1, 2]).shape)                              # expect: (2, 2)
print(vmap((t) -> t.a * t.b)((a: [1, 2], b: [3, 4])))               # expect: [3, 8]
print(vmap((t, s) -> t.a * t.b + s, axes: ((0, nil), nil))((a: [1, 2], b: 3), 1))   # expect: [4, 7]
# what has an effect runs item by item, in order
print(vmap(x -> { print("item {x}"); x + 1 })([1, 2]))
# expect: item 1
# expect: item 2
# expect: [2, 3]
# conditions and loops that differ from item to item
fn collatz(n) { var k = n; var steps = 0; while k > 1 { k = if k % 2 == 0 { k / 2 } else { 3 * k + 1 }; steps += 1 }; steps }
print(vmap(collatz)([1, 2, 3, 6, 7, 27]))                           # expect: [0, 1, 7, 8, 16, 111]
# each sample's gradient, and what encloses it
fn loss(w, x) = sum(tanh(x @ w) ^ 2)
let X = [[sin(i + 2 * j) for j in 0..3] for i in 0..40]
let W = [[0.3, -0.2], [0.1, 0.5], [-0.4, 0.2]]
let per = vmap(grad(loss), axes: (nil, 0))(W, X)
var gap = 0
for i in 0..40 { gap = max(gap, max(abs(per[i] - grad(loss)(W, X[i])))) }
print(per.shape, gap < 1e-15)                                       # expect: (40, 3, 2) true
let inside = grad(w -> sum(vmap(x -> loss(w, x))(X)))(W)
print(max(abs(inside - sum(per, axis: 0))) < 1e-14)                 # expect: true
print(vmap(x -> hessian(y -> sum(y ^ 3))(x))([[1, 2], [3, 4]])[1])
# expect: [[18,  0],
# expect:  [ 0, 24]]
print(jacobian(v -> vmap(x -> x ^ 2)(v))([1, 2]))
# expect: [[2, 0],
# expect:  [0, 4]]
print(vmap(x -> jvp(u -> u ^ 3, x, 1))([1, 2]))                     # expect: ([1, 8], [3, 12])
print(vmap(x -> { let (y, pull) = vjp(u -> u * [1, x], x); pull([1, 1]) })([2, 3]))   # expect: [3, 4]
print(grad(a -> sum(vmap(x -> grad(u -> u ^ 3 * a)(x))([1, 2])))(5))  # expect: 15
# draws depend on the item only, and are the same on every run
seed(3)
let p = vmap(x -> x + normal())(zeros(3))
seed(3)
print(max(abs(vmap(x -> x + normal())(zeros(3)) - p)))              # expect: 0
print(p[0] == p[1])                                                 # expect: false
