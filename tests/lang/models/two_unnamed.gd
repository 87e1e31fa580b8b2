model M(n) {
  param w[n] = 0
  fn (x) = x
  fn (y) = y  # expect error: E0114|E0103
}
print(M(1).w)
