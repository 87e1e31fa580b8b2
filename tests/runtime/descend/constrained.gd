# constrained parameters reach targets inside their bounds and stay inside when the target lies outside
model P() {
  param s > 0 = 1
  param t < 0 = -1
  param f in (0, 1) = 0.5
  param v[3] > 0 = 2
}
var p = P()
descend p using adam(lr: 0.1) for 400 { (p.s - 3) ^ 2 + (p.t + 2) ^ 2 + (p.f - 0.9) ^ 2 + sum((p.v - 4) ^ 2) }
print(p.s, p.t, p.f, p.v[2])     # expect~ 3 -2 0.9 4 1e-3
var q = P()
descend q using adam(lr: 0.1) for 200 { (q.s + 3) ^ 2 + (q.t - 2) ^ 2 + (q.f - 2) ^ 2 + sum((q.v + 1) ^ 2) }
print(q.s > 0, q.t < 0, q.f < 1, all(q.v > 0))   # expect: true true true true
