model Dense(inputs, outputs) {
  param W[inputs, outputs] = he()
  fn (x) = x @ W
}
let layer = Dense(64)
