model M(n) {
  param w[n] = 0
  let fixed = 3
  fn go() = fixed
}
var m = M(2)
m.go = x -> x  # expect error: E0209|E0207
