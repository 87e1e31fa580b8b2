# gpt.gd -- GPT as in torch_gpt.py: blocks that normalise first, one product for queries, keys and values, the tanh form of
# gelu, a head tied to the token table, biases everywhere.
# SPDX-License-Identifier: MIT
use nn

fn small(shape) = 0.02 * normal(shape)

model Linear(inputs, outputs) {
  param W[inputs, outputs] = small
  param b[outputs] = 0
  fn (x) = x @ W + b
}

model Block(size, heads) {
  let norm1 = nn.LayerNorm(size)
  let qkv = Linear(size, 3 * size)
  let out = Linear(size, size)
  let norm2 = nn.LayerNorm(size)
  let up = Linear(size, 4 * size)
  let down = Linear(4 * size, size)
  fn to_heads(x[n, t, size]) = swapaxes(reshape(x, n, t, heads, size // heads), 1, 2)
  fn (x) {
    let (q, k, v) = split(qkv(norm1(x)), 3, axis: 2)
    let seen = attention(to_heads(q), to_heads(k), to_heads(v), causal: true)
    let y = x + out(reshape(swapaxes(seen, 1, 2), ...x.shape))
    y + down(gelu(up(norm2(y)), approximate: "tanh"))
  }
}

model Gpt(vocabulary, size, layers, heads, places) {
  param tokens[vocabulary, size] = small
  param positions[places, size] = small
  let blocks = (Block(size, heads) for _ in 0..layers)
  let norm = nn.LayerNorm(size)
  fn (index[n, t]) {
    var x = tokens[index] + positions[:t]
    for block in blocks { x = block(x) }
    norm(x) @ tokens'
  }
}
