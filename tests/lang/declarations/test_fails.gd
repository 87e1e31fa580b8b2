# command: test
# exit: 1
test "good" { assert 1 + 1 == 2 }
test "bad" {
  assert 1 + 1 == 3, "sums are broken"  # expect error: E0223: sums are broken
}
