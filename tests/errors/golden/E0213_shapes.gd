model Mlp(inputs, hidden, classes) {
  param W1[inputs, hidden]  = he()
  param b1[hidden]          = 0
  param W2[hidden, classes] = he()
  fn (x) {
    let h = relu(x @ W1 + b1)
    x @ W2
  }
}
loss nll(m, x, y) = cross_entropy(m(x), y)
let images = normal(32, 64)
print(nll(Mlp(64, 128, 10), images, zeros(32)))
