model M(n) {
  param w[n] = 0
}
print(M(2)([1, 2]))  # expect error: E0202
