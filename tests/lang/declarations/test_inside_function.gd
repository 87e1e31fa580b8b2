fn f() {
  test "no" { assert true }  # expect error: E0109
  1
}
print(f())
