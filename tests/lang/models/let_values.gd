model M(n) {
  let (a, b) = (n, n + 1)
  let table = range(0, n)
  param w[n] = 1
  fn total() = sum(w * table) + b
}
print(M(3).total())  # expect: 7
print(M(3).a)        # expect: 3
