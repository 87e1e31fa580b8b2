# f32 products so large that a library is opened for them once enough have run (ops/gemm.c): the bits depend on it.
use f32
let x = normal(64, 1024)
var W = 0.03 * normal(1024, 1024)
let report = descend W using sgd(lr: 0.1, momentum: 0.5) for 14 { mean((tanh(x @ W) @ W - x)^2) } watch every 4 {
  save("{step}.snapshot.safetensors", snapshot())
}
save("final.safetensors", (W: W, losses: report.losses))
