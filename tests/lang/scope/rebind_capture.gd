fn f() {
  var n = 0
  let g = () -> { n = 1; n }  # expect error: E0105
  g()
}
print(f())
