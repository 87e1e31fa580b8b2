# spread of the start values: he 2/fan_in, lecun 1/fan_in, glorot 6/(fan_in + fan_out) as a bound
seed(1)
model M(n, k) {
  param a[n, k] = he()
  param b[n, k] = lecun()
  param c[n, k] = glorot()
}
let m = M(400, 100)
print(m.a.shape, m.c.shape)                # expect: (400, 100) (400, 100)
assert abs(variance(m.a) / (2 / 400) - 1) < 0.05
assert abs(variance(m.b) / (1 / 400) - 1) < 0.05
assert abs(variance(m.c) / (2 / 500) - 1) < 0.05
assert max(abs(m.c)) <= sqrt(6 / 500)
assert abs(mean(m.a)) < 0.002
let again = M(400, 100)
print(all(m.a == again.a))                 # expect: false
