# command: test
fn double(x) = x + x + 1
test "double is twice" {
  assert double(2) == 4
}
