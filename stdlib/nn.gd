## A dense layer: x @ W + b.
model Linear(inputs, outputs) {
  param W[inputs, outputs] = he()
  param b[outputs] = 0
  fn (x[..., inputs]) = x @ W + b
}

## Normalises the last axis to mean 0 and variance 1, then scales and shifts (Ba, Kiros, Hinton 2016).
model LayerNorm(size) {
  param gain[size] = 1
  param bias[size] = 0
  fn (x[..., size]) {
    let m = mean(x, axis: -1, keep: true)
    let v = variance(x, axis: -1, keep: true)
    (x - m) / sqrt(v + 1e-5) * gain + bias
  }
}

## Normalises each column over the batch while training, by running figures otherwise (Ioffe, Szegedy 2015).
model BatchNorm(size, momentum: 0.1) {
  param gain[size] = 1
  param bias[size] = 0
  state running_mean[size] = 0
  state running_var[size] = 1
  fn (x[n, size]) {
    if training() {
      let m = mean(x, axis: 0)
      let v = variance(x, axis: 0)
      running_mean = (1 - momentum) * running_mean + momentum * m
      running_var = (1 - momentum) * running_var + momentum * v * n / max(n - 1, 1)
      (x - m) / sqrt(v + 1e-5) * gain + bias
    } else {
      (x - running_mean) / sqrt(running_var + 1e-5) * gain + bias
    }
  }
}

## Rows of a table of vectors, picked by index.
model Embedding(count, size) {
  param table[count, size] = (...sizes) -> normal(sizes)
  fn (index) = table[index]
}
