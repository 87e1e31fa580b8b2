# the gradient of a whole net against central differences
seed(2)
model Mlp(d, h) {
  param W[d, h] = he()
  param b[h] = 0.1
  param v[h] = lecun()
  fn (x) = tanh(x @ W + b) @ v
}
let m = Mlp(3, 4)
let x = normal(5, 3)
loss l(m) = mean(m(x) ^ 2)
let g = grad(l)(m)
fn moved(m, e) {
  var q = m
  q.W[1, 2] += e
  q
}
let numeric = (l(moved(m, 1e-5)) - l(moved(m, -1e-5))) / 2e-5
print(abs(g.W[1, 2] - numeric) < 1e-8)   # expect: true
