# command: test
var n = 3
let k = 4
fn double(x) = 2 * x
test "reads a var of the top level" {
  assert n == 3
  assert double(k) == 8
}
test "another" {
  assert n + k == 7, "sum"
}
