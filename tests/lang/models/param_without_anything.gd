model M(n) {
  param w  # expect error: E0114
}
print(M(1))
