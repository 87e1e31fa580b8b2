model Mlp(inputs, hidden) {
  param W[inputs, hidden] = 2
  param b[hidden] = 0
  fn (x[batch, inputs]) -> [batch, hidden] = x @ W + b
}
let m = Mlp(3, 2)
print(m.W.shape, m.b)      # expect: (3, 2) [0, 0]
print(m(ones(1, 3))[0])    # expect: [6, 6]
print(m.W[0])              # expect: [2, 2]
