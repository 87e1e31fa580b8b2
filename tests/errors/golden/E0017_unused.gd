fn f(x) {
  let total = x
    + 1
  total
}
fn g(x) {
  x
  - 1
}
var n = 3
n == 4
print(n)
