# values that pass through lists, fields, patterns, elements and loops
# source: closed forms: h = 2 w^2 + w; k = (x.x)(sum x)^2
fn h(w) {
  let l = (w, 2 * w)
  let (a, b) = l
  var r = (p: a, q: [b, a])
  r.q[0] *= r.p
  sum(r.q)
}
print(grad(h)(3))              # expect: 13
fn k(x) {
  var M = zeros(2, 2)
  for i in 0..2 {
    for j in 0..2 { M[i, j] = x[i] * x[j] }
  }
  sum(M @ M)
}
print(grad(k)([1, 2]))         # expect: [48, 66]
print(grad(x -> { let s = sort(x); s[0] * s[2] })([3, 1, 2]))  # expect: [1, 3, 0]
print(grad(t -> { var x = [1, 2, 3]; x[1] = t; let m = x[x > 1.5]; sum(m ^ 2) })(5))  # expect: 10
