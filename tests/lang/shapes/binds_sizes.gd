fn g(x[batch, d], W[d, k]) -> [batch, k] {
  print(batch, d, k)
  x @ W
}
print(g(zeros(2, 3), zeros(3, 4)).shape)
# expect: 2 3 4
# expect: (2, 4)
