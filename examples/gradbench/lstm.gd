# lstm.gd: a language model of l layers of long short-term memory. All its products are element by
# element, there are no matrices; so each of the b units of a layer is a recurrence of its own.
#
# w[4] and bias[4] are those of the forget, in, out and change gates. Two of the gates see only what comes
# in, x, and are computed for all times at once; the others see the unit's own last output.
fn unit(w, bias, x, start, stored) {
  let keep = sigmoid(w[0] * x + bias[0])
  let out = sigmoid(w[2] * x + bias[2])
  let (wi, bi, wg, bg) = (w[1], bias[1], w[3], bias[3])
  var h = start
  var memory = stored
  var outputs = zeros(len(x))
  for t in 0..len(x) {
    memory = memory * keep[t] + sigmoid(h * wi + bi) * tanh(h * wg + bg)
    h = out[t] * tanh(memory)
    outputs[t] = h
  }
  outputs
}

fn nll(main, extra, state, sequence) {
  let (c, b) = sequence.shape
  let layers = floor(len(state) / 2)
  let gates = reshape(main, layers, 2, 4, b)
  var x = sequence[:-1] * extra[0]
  for i in 0..layers {
    x = stack((unit(gates[i, 0, :, j], gates[i, 1, :, j], x[:, j], state[2 * i, j], state[2 * i + 1, j]) for j in 0..b),
              axis: 1)
  }
  let y = x * extra[1] + extra[2]
  let normed = y - log(2 + sum(exp(y), axis: 1, keep: true))
  -sum(sequence[1:] * normed) / ((c - 1) * b)
}

fn objective(v) = nll(v.main_params, v.extra_params, v.state, v.sequence)
fn jacobian(v) {
  let (dmain, dextra) = grad(nll, wrt: (0, 1))(v.main_params, v.extra_params, v.state, v.sequence)
  concat((flatten(dmain), flatten(dextra)))
}
