# a constrained parameter starts where it is told and stays inside
model Noise(k) {
  param s > 0 = 1
  param m = 0
}
var q = Noise(0)
print(q.s)        # expect~ 1 1e-12
let report = descend q using sgd(lr: 0.5) for 60 {
  (q.s + 1) ^ 2 + q.m ^ 2
}
print(q.s > 0)    # expect: true
print(q.s < 0.5)  # expect: true
