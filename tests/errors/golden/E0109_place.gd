fn f(x) {
  use data
  model Inner(n) { param w[n] = 0 }
  x
}
for i in 0..3 {
  test "inside" { assert true }
}
