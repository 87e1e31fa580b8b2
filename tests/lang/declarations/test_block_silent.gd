# test blocks do not run in an ordinary run
test "not run" {
  assert false
}
print("main")  # expect: main
