# only a state may be assigned in a method
model M(n) {
  param w[n] = 0
  fn bad() { w = ones(n); nil }  # expect error: E0104|E0105|E0209
}
var m = M(2)
m.bad()
# exit: 1|2
