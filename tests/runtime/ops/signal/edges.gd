# op: conv conv_input conv_kernel max_pool avg_pool dft rdft -- what is not the usual tensor
# command: test
let x = reshape(sin(range(0, 2 * 3 * 6 * 5)), 2, 3, 6, 5)
let k = reshape(cos(0.7 * range(0, 4 * 3 * 3 * 2)), 4, 3, 3, 2)
fn gap(a, b) = if a.size == 0 { 0 } else { max(abs(a - b)) }

test "views" {
  let wide = reshape(sin(range(0, 2 * 3 * 12 * 5)), 2, 3, 12, 5)
  assert gap(conv2d(wide[:, :, 0:12:2], k), conv2d(wide[:, :, 0:12:2] + 0, k)) == 0
  let turned = permute(x, 0, 1, 3, 2)
  assert gap(conv2d(turned, k), conv2d(turned + 0, k)) == 0
  assert gap(conv2d(x, permute(k, 0, 1, 3, 2)), conv2d(x, permute(k, 0, 1, 3, 2) + 0)) == 0
  assert gap(max_pool2d(turned, 2), max_pool2d(turned + 0, 2)) == 0
  assert gap(rfft(x, axis: 1).im, rfft(permute(x, 0, 2, 3, 1)).im.permute(0, 3, 1, 2)) < 1e-14
}

test "leading axes" {
  let more = reshape(x, 1, 2, 3, 6, 5)
  assert conv2d(more, k).shape == (1, 2, 4, 4, 4)
  assert gap(conv2d(more, k)[0], conv2d(x, k)) == 0
  assert gap(conv2d(x[1], k), conv2d(x, k)[1]) < 1e-15
  assert gap(max_pool2d(more, (2, 3))[0], max_pool2d(x, (2, 3))) == 0
  assert gap(avg_pool1d(x[0, 0, 0], 2), [(x[0, 0, 0, 0] + x[0, 0, 0, 1]) / 2, (x[0, 0, 0, 2] + x[0, 0, 0, 3]) / 2]) < 1e-15
}

test "f32 stays, f64 wins, integers are floats" {
  let (a, b) = (x as f32, k as f32)
  assert conv2d(a, b).dtype == "f32" and conv2d(a, k).dtype == "f64" and conv2d(x, b).dtype == "f64"
  assert gap(conv2d(a, b) as f64, conv2d(x, k)) < 1e-5
  let (ga, gk) = grad((p, q) -> sum(conv2d(p, q)^2), wrt: (0, 1))(a, k)
  assert ga.dtype == "f32" and gk.dtype == "f64"
  let (gx, _) = grad((p, q) -> sum(conv2d(p, q)^2), wrt: (0, 1))(x, k)
  assert gap(ga as f64, gx) < 1e-3
  assert max_pool2d(a, 2).dtype == "f32" and avg_pool2d(a, 2).dtype == "f32"
  assert fft(a).re.dtype == "f32" and irfft(rfft(a)).dtype == "f32"
  assert gap(fft(a).im as f64, fft(x).im) < 1e-5
  let ints = [[1, 2, 3, 4]] as i64
  assert conv1d(ints, [[[1, 1]]] as i64).dtype == "f64"
  assert gap(conv1d(ints, [[[1, 1]]] as i64), [[3, 5, 7]]) == 0
  assert gap(max_pool1d(ints, 2), [[2, 4]]) == 0 and gap(fft(ints).re, [[10, -2, -2, -2]]) < 1e-15
}

test "no images, no channels" {
  assert conv2d(zeros(0, 3, 6, 5), k).shape == (0, 4, 4, 4)
  assert conv2d(zeros(2, 0, 6, 5), zeros(4, 0, 3, 2)).shape == (2, 4, 4, 4)
  assert all(conv2d(zeros(2, 0, 6, 5), zeros(4, 0, 3, 2), ones(4)) == 1)
  assert conv2d(x, zeros(0, 3, 3, 2)).shape == (2, 0, 4, 4)
  assert grad(q -> sum(conv2d(zeros(0, 3, 6, 5), q)))(k).shape == k.shape
  assert max_pool2d(zeros(0, 4, 4), 2).shape == (0, 2, 2)
  assert fft(zeros(0, 4)).re.shape == (0, 4) and rfft(zeros(3, 0, 4)).im.shape == (3, 0, 3)
  assert irfft(rfft([7]), n: 1)[0] == 7 and fft([3]).re[0] == 3
}

test "not finite" {
  let inf = 1 / 0
  let nan = inf - inf
  assert max_pool1d([1, nan, 3, 2], 2)[1] == 3 and is_nan(max_pool1d([1, nan, 3, 2], 2)[0])
  assert all(max_pool1d([-inf, -inf, -inf, 5], 2) == [-inf, 5])
  assert all(grad(v -> sum(max_pool1d(v, 2)))([-inf, -inf, 1, 1]) == [1, 0, 1, 0])
  assert is_nan(conv1d([[1, nan, 3]], [[[1]]])[0, 1]) and conv1d([[1, inf, 3]], [[[2]]])[0, 1] == inf
  assert conv1d([[1, inf, 3]], [[[2]]])[0, 2] == 6
}

test "second derivatives and both modes" {
  fn f(p, q) = sum(conv2d(p, q, stride: 2, padding: 1, dilation: (1, 2))^3)
  assert check_grad(p -> sum(grad(f)(p, k)^2), x).error < 1e-5
  assert check_grad(q -> sum(grad(f)(x, q)^2), k).error < 1e-5
  assert check_grad(q -> sum(grad(f, wrt: 1)(x, q)^2), k).error < 1e-5
  let v = x[0, :, 0:3, 0:3]
  let s = hessian(p -> sum(conv_transpose2d(p, k[0:3], stride: 2)^2))(v)
  assert gap(s, hessian(p -> sum(conv_transpose2d(p, k[0:3], stride: 2)^2), mode: "reverse")(v)) < 1e-12
  let pool = p -> sum(max_pool2d(p^2, 2)^2) + sum(avg_pool2d(p^2, 2, padding: 1)^2)
  assert gap(hessian(pool)(v), hessian(pool, mode: "reverse")(v)) < 1e-12
  assert check_grad(p -> sum(grad(pool)(p)^2), v).error < 1e-5
  fn spectrum(p) {
    let y = fft(p, n: 7)
    let z = rfft(p^2)
    sum((y.re^2 + y.im^2)^2) + sum(hypot(z.re, z.im + 1)) + sum(irfft(z, n: 5)^3)
  }
  let u = sin(range(1, 6))
  assert check_grad(spectrum, u).error < 1e-6
  assert check_grad(p -> sum(grad(spectrum)(p)^2), u).error < 1e-5
  assert gap(hessian(spectrum)(u), hessian(spectrum, mode: "reverse")(u)) < 1e-9
}

test "convolution by transforms" {
  let (a, b) = (sin(range(0, 50)), cos(range(0, 20)))
  let (p, q) = (rfft(a, n: 69), rfft(b, n: 69))
  let full = irfft((re: p.re * q.re - p.im * q.im, im: p.re * q.im + p.im * q.re), n: 69)
  assert gap(full, conv1d(reshape(a, 1, 50), reshape(flip(b), 1, 1, 20), padding: 19)[0]) < 1e-13
}
