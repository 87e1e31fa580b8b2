# in f32 the update runs in f32
# source: PyTorch 1.13.0a0, Adam(lr=0.05), float32
use f32
var w = [-1.2, 1, 0.5]
descend w using adam(lr: 0.05) for 6 {
  (w[0] - 1) ^ 2 + 10 * (w[1] - w[0] ^ 2) ^ 2 + sin(w[2] * 3) * w[0]
}
print(w.dtype)  # expect: f32
print((v for v in w))  # expect~ (-0.967642, 1.203418, 0.507896) 1e-4
