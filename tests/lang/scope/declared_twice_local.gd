fn f(a) {
  var b = a
  let b = 3  # expect error: E0103
  b
}
print(f(1))
