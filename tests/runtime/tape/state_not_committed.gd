# grad commits nothing
model M(k) {
  param w = 2
  state n = 0
  fn (x) { n += 1; w * x }
}
var m = M(0)
print(grad(q -> q(3))(m).w)  # expect: 3
print(m.n)                   # expect: 0
