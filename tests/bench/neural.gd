# neural.gd -- forward and backward of the fused operations, timed; tests/bench/neural_torch.py is the same in PyTorch.
# Prints for each the shortest time of its repetitions, in milliseconds.
# SPDX-License-Identifier: MIT
fn best(run) {
  run()
  var least = 1e9
  for _ in 0..7 {
    let start = time()
    run()
    let took = time() - start
    if took < least { least = took }
  }
  least * 1000
}

seed(1)
fn f32(x) = x as f32
let x = f32(normal(4096, 768))
let w = f32(ones(768))
let b = f32(zeros(768))
let u = f32(normal(4096, 768))
let logits = f32(normal(4096, 1000))
let labels = range(4096) % 1000 as i64
let q = f32(normal(8, 12, 256, 64))
let o = f32(normal(8, 12, 256, 64))

fn norm_step() {
  let g = grad(p -> sum(layer_norm(p[0], p[1], p[2]) * u))((x, w, b))
  g[0][0, 0] + g[1][0] + g[2][0]
}
fn entropy_step() = grad(x -> cross_entropy(x, labels))(logits)[0, 0]
fn attention_step(causal) {
  let g = grad(p -> sum(attention(p[0], p[1], p[2], causal: causal) * o))((q, q, q))
  g[0][0, 0, 0, 0] + g[1][0, 0, 0, 0] + g[2][0, 0, 0, 0]
}
print("layer_norm_4096x768", best(norm_step))
print("cross_entropy_4096x1000", best(entropy_step))
print("attention_8x12x256x64", best(() -> attention_step(false)))
print("causal_8x12x256x64", best(() -> attention_step(true)))
