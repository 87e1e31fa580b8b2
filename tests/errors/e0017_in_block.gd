fn f(x) {
  x + 1  # expect error: E0017
  x * 2
}
print(f(1))
