model M(n) {
  param weight[n] = 0
}
print(M(2).wieght)  # expect error: E0207
# expect hint: weight
