# source: vector forms of the same expressions, and loops
let n = 200
let x = linspace(0.5, 2, n)
fn gap(a, b) = max(abs(a - b))
print(gap([x[i] * 2 + sin(x[i]) for i in 0..n], x * 2 + sin(x)) < 1e-15)      # expect: true
print(gap([x[i + 1] - x[i] for i in 0..n - 1], x[1:] - x[:n - 1]))             # expect: 0
print(gap([x[n - 1 - i] for i in 0..n], flip(x)))                              # expect: 0
print(gap([sum(r) for r in reshape(x, 50, 4)], sum(reshape(x, 50, 4), axis: 1)) < 1e-14)   # expect: true
print(gap([x[i] + x[j] for i in 0..n, j in 0..n], x[:, new] + x[new, :]))      # expect: 0
print(gap([if x[i] > 1 { sqrt(x[i]) } else { x[i] ^ 2 } for i in 0..n], where(x > 1, sqrt(x), x ^ 2)) < 1e-15)  # expect: true
print(abs(max(x[i] * sin(3 * x[i]) for i in 0..n) - max(x * sin(3 * x))) < 1e-15)           # expect: true
print(abs(prod(1 + x[i] / n for i in 0..n) / prod(1 + x / n) - 1) < 1e-13)     # expect: true
# an index beyond the end where its branch is not taken is no error
print(abs(sum(if i < 100 { x[i] } else { 0 } for i in 0..300) - sum(x[:100])) < 1e-12)     # expect: true
# strong zeros
print(grad(v -> sum(if v[i] > 0 { sqrt(v[i]) } else { 0 } for i in 0..40))(zeros(40))[3])   # expect: 0
# derivatives: of the vector form
fn model(w, v) = w[0] * exp(-w[1] * v) + w[2]
let y = model([2, 1, 0.5], x)
let one = grad(w -> sum((model(w, x[i]) - y[i] * 1.1) ^ 2 for i in 0..n))([1, 1, 1])
let all = grad(w -> sum((model(w, x) - y * 1.1) ^ 2))([1, 1, 1])
print(gap(one, all) < 1e-12)                                                   # expect: true
let h1 = hessian(w -> sum((model(w, x[i]) - y[i]) ^ 2 for i in 0..n))([1, 1, 1])
let h2 = hessian(w -> sum((model(w, x) - y) ^ 2))([1, 1, 1])
print(gap(h1, h2) < 1e-11)                                                     # expect: true
print(gap([grad(u -> u ^ 3 * sin(u))(x[i]) for i in 0..n], 3 * x ^ 2 * sin(x) + x ^ 3 * cos(x)) < 1e-13)  # expect: true
# local variables, elements, loops inside
fn cross(a, b) { var c = zeros(3); c[0] = a[1] * b[2] - a[2] * b[1]; c[1] = a[2] * b[0] - a[0] * b[2]; c[2] = a[0] * b[1] - a[1] * b[0]; c }
let P = reshape(linspace(-1, 1, 150), 50, 3)
let Q = reshape(linspace(2, -3, 150) ^ 2, 50, 3)
let C = [cross(P[i], Q[i]) for i in 0..50]
print(max(abs(sum(C * P, axis: 1))) < 1e-14, max(abs(sum(C * Q, axis: 1))) < 1e-13)   # expect: true true
print(gap([{ var s = 0; for k in 0..4 { s += x[i] ^ k }; s } for i in 0..n], 1 + x + x ^ 2 + x ^ 3) < 1e-14)  # expect: true
# what has effects runs in order
var seen = 0
let z = [{ seen += 1; seen } for i in 0..40]
print(z[39], seen)                                                             # expect: 40 40
# errors are those of the item
print(try { [x[i * 10] for i in 0..40]; "none" } catch e { e.code })           # expect: E0211
# a sum adds in order, to the last bit
var s = 0
for i in 0..1000 { s += 0.1 / (i + 1) }
print(sum(0.1 / (i + 1) for i in 0..1000) == s, sum(0.1 for i in 0..1000) == 0.1 * 1000)   # expect: true false
