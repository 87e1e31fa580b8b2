model M(n) {
  param w[n] = 0
}
print(M(1, 2))  # expect error: E0203
