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
  fn (x[..., size]) = layer_norm(x, gain, bias)
}

## Normalises each channel of x [n, size, ...] while training, by running figures otherwise (Ioffe, Szegedy 2015).
model BatchNorm(size, momentum: 0.1) {
  param gain[size] = 1
  param bias[size] = 0
  state running_mean[size] = 0
  state running_var[size] = 1
  fn (x) {
    if training() {
      let others = [i for i in 0..len(x.shape) if i != 1]
      let n = x.size / size
      running_mean = (1 - momentum) * running_mean + momentum * mean(x, axis: others)
      running_var = (1 - momentum) * running_var + momentum * variance(x, axis: others) * n / max(n - 1, 1)
      batch_norm(x, gain, bias)
    } else {
      batch_norm(x, gain, bias, running_mean, running_var)
    }
  }
}

## Rows of a table of vectors, picked by index.
model Embedding(count, size) {
  param table[count, size] = normal
  fn (index) = table[index]
}

## Both sizes of a window: of one number, or of a list of two.
fn both(size) = if type(size) == "list" { size } else { (size, size) }

## A convolution of [..., inputs, length] by kernels of one size, plus a bias: conv1d(x, k, b).
model Conv1d(inputs, outputs, size, stride: 1, padding: 0, dilation: 1, groups: 1) {
  param k[outputs, inputs // groups, size] = he()
  param b[outputs] = 0
  fn (x) = conv1d(x, k, b, stride: stride, padding: padding, dilation: dilation, groups: groups)
}

## A convolution of images [..., inputs, height, width], plus a bias: conv2d(x, k, b). size: a number or (kh, kw).
model Conv2d(inputs, outputs, size, stride: 1, padding: 0, dilation: 1, groups: 1) {
  param k[outputs, inputs // groups, both(size)[0], both(size)[1]] = he()
  param b[outputs] = 0
  fn (x) = conv2d(x, k, b, stride: stride, padding: padding, dilation: dilation, groups: groups)
}

## The transpose of a Conv2d, from inputs to outputs channels: conv_transpose2d(x, k, b).
model ConvTranspose2d(inputs, outputs, size, stride: 1, padding: 0, output_padding: 0, groups: 1, dilation: 1) {
  param k[inputs, outputs // groups, both(size)[0], both(size)[1]] = he()
  param b[outputs] = 0
  fn (x) = conv_transpose2d(x, k, b, stride: stride, padding: padding, output_padding: output_padding, groups: groups,
                            dilation: dilation)
}

## x / sqrt(mean(x^2) + eps) along the last axis, scaled (Zhang, Sennrich 2019).
model RMSNorm(size, eps: 1e-6) {
  param gain[size] = 1
  fn (x[..., size]) = rms_norm(x, gain, eps)
}

## Normalises groups of channels of each item of x [n, size, ...], then scales and shifts (Wu, He 2018).
model GroupNorm(groups, size) {
  param gain[size] = 1
  param bias[size] = 0
  fn (x) = group_norm(x, groups, gain, bias)
}

## While training, zeroes each element with probability p and divides the others by 1 - p (Srivastava et al. 2014).
model Dropout(p: 0.5) {
  fn (x) = dropout(x, p)
}

## Attention of several heads (Vaswani et al. 2017). x [..., n, size] looks at itself, or at `at` [..., m, size].
model MultiHeadAttention(size, heads, causal: false) {
  param Wq[size, size] = glorot()
  param Wk[size, size] = glorot()
  param Wv[size, size] = glorot()
  param Wo[size, size] = glorot()
  param bq[size] = 0
  param bk[size] = 0
  param bv[size] = 0
  param bo[size] = 0
  fn split_heads(x) = swapaxes(reshape(x, ...x.shape[:-1], heads, size // heads), -2, -3)
  fn (x[..., size], at: nil, mask: nil) {
    let y = if at == nil { x } else { at }
    let o = attention(split_heads(x @ Wq + bq), split_heads(y @ Wk + bk), split_heads(y @ Wv + bv), mask, causal)
    reshape(swapaxes(o, -2, -3), ...x.shape) @ Wo + bo
  }
}

## One start for all weights of a recurrent layer, PyTorch's: uniform within 1 / sqrt(hidden).
fn recurrent(hidden) = shape -> uniform(shape, low: -1 / sqrt(hidden), high: 1 / sqrt(hidden))

## A long short-term memory over x [..., t, inputs]: (y: [..., t, hidden], h:, c:) (Hochreiter, Schmidhuber 1997).
model LSTM(inputs, hidden) {
  param W[inputs, 4 * hidden] = recurrent(hidden)
  param U[hidden, 4 * hidden] = recurrent(hidden)
  param b[4 * hidden] = recurrent(hidden)
  fn (x[..., t, inputs], state: nil) {
    let z = x @ W + b                          # of all steps at once
    let none = zeros(...x.shape[:-2], hidden)
    var (h, c) = if state == nil { (none, none) } else { state }
    var ys = ()
    for i in 0..t {
      let next = lstm_cell(z[..., i, :], (h, c), nil, U)
      h = next.h
      c = next.c
      ys = push(ys, h)
    }
    (y: stack(ys, axis: -2), h: h, c: c)
  }
}

## A gated recurrent unit over x [..., t, inputs]: (y: [..., t, hidden], h:) (Cho et al. 2014).
model GRU(inputs, hidden) {
  param W[inputs, 3 * hidden] = recurrent(hidden)
  param U[hidden, 3 * hidden] = recurrent(hidden)
  param b[3 * hidden] = recurrent(hidden)
  param bh[3 * hidden] = recurrent(hidden)
  fn (x[..., t, inputs], state: nil) {
    let p = x @ W + b                          # of all steps at once
    var h = if state == nil { zeros(...x.shape[:-2], hidden) } else { state }
    var ys = ()
    for i in 0..t {
      h = gru_cell(p[..., i, :], h, nil, U, nil, bh)
      ys = push(ys, h)
    }
    (y: stack(ys, axis: -2), h: h)
  }
}
