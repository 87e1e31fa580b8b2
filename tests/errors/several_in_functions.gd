fn f(x) {
  let y = x +* 1  # expect error: E0010
  y
}
fn g(x) {
  let z = 3 4     # expect error: E0010
  z
}
print(f(1), g(2))
