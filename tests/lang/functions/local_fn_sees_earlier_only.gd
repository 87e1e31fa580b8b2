fn f() {
  fn a(x) = b(x)  # expect error: E0101
  fn b(x) = x
  a(1)
}
print(f())
