model Lin(n) {
  param w[n] = 1
  fn (x[batch, n]) -> [batch] = x @ w
}
let m = Lin(3)
print(m(ones(2, 3)))  # expect: [3, 3]
print(m(ones(2, 4)))  # expect error: E0215
