# conv.gd -- times of conv2d in f32, forward and with both gradients: lines of `case forward_ms both_ms`.
# conv_torch.py does the same in PyTorch. Each figure is the best of 15.
use f32
fn measure(name, xs, ks, padding, stride, groups) {
  let x = normal(xs)
  let k = normal(ks)
  let f = (x, k) -> conv2d(x, k, padding: padding, stride: stride, groups: groups)
  let w = ones_like(f(x, k))
  let slopes = grad((x, k) -> sum(w * f(x, k)), wrt: (0, 1))
  var (forward, both) = (1e9, 1e9)
  for turn in 0..15 {
    let t0 = time()
    let first = f(x, k)[0, 0, 0, 0]             # asks for the value
    let t1 = time()
    let (gx, gk) = slopes(x, k)
    let second = gx[0, 0, 0, 0] + gk[0, 0, 0, 0]
    forward = min(forward, t1 - t0)
    both = min(both, time() - t1)
  }
  print(name, 1000 * forward, 1000 * both)
}
measure("16to32_3x3_same", (32, 16, 28, 28), (32, 16, 3, 3), 1, 1, 1)
measure("16to32_3x3_valid", (32, 16, 28, 28), (32, 16, 3, 3), 0, 1, 1)
measure("32to64_3x3_stride2", (32, 32, 14, 14), (64, 32, 3, 3), 1, 2, 1)
measure("64to64_1x1", (8, 64, 56, 56), (64, 64, 1, 1), 0, 1, 1)
measure("1to8_5x5", (32, 1, 28, 28), (8, 1, 5, 5), 2, 1, 1)
measure("depthwise64_3x3", (16, 64, 28, 28), (64, 1, 3, 3), 1, 1, 64)
