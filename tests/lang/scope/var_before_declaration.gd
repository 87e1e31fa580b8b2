fn f() {
  let y = z  # expect error: E0101
  let z = 1
  y
}
print(f())
