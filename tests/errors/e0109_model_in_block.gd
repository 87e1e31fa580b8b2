fn f() {
  model M(n) { param w[n] = 0 }  # expect error: E0109
  1
}
print(f())
