# The transpose of conv1d.
# source: PyTorch 1.13.0 (torch.nn.functional, f64), figures by repr
fn wave(shape, a, b) {
  var n = 1
  for s in shape { n = n * s }
  reshape(sin(a * range(0, n) + b), shape)
}
fn near(got, want, tol: 1e-12) = max(abs(flatten(got) - want)) <= tol * (1 + max(abs(want)))
# Five figures of a tensor: its sum, two weighted sums, the first and the last element.
fn digest(x) {
  let v = flatten(x)
  let i = range(0, len(v))
  [sum(v), sum(v * cos(0.37 * i)), sum(v * sin(1.1 * i + 0.3)), v[0], v[-1]]
}
{
  let x = wave((2, 3, 6), 0.7, 0.1)
  let k = wave((3, 4, 3), 0.9, 0.2)
  let b = wave((4,), 1.3, 0.4)
  let y = conv_transpose1d(x, k, b)
  assert y.shape == (2, 4, 8)
  assert near(digest(y), [23.649600589155064, 27.83235005538945, -1.763440440353139, 1.4771110569025008, 0.12375773151392222])
  let w = wave(y.shape, 0.23, 0.5)
  let (gx, gk, gb) = grad((x, k, b) -> sum(w * conv_transpose1d(x, k, b)), wrt: (0, 1, 2))(x, k, b)
  assert near(digest(gx), [6.413960268854652, -24.65681343719994, 2.06148873266445, 0.01823768652581091, -1.9550039564530786])
  assert near(digest(gk), [-0.022295595881401953, 2.904634699433479, -1.395634102233343, 4.173813647935958, -3.638542779642643])
  assert near(gb, [11.46562010442369, -6.139446811132959, -8.199877968455455, 10.50118945915517])
}
{
  let x = wave((2, 3, 6), 0.7, 0.1)
  let k = wave((3, 4, 3), 0.9, 0.2)
  let y = conv_transpose1d(x, k, stride: 2, padding: 1, output_padding: 1)
  assert y.shape == (2, 4, 12)
  assert near(digest(y), [13.71471479440627, -17.084167467151232, 0.5137542309730524, 0.13550343028980533, 1.0399236682633775])
  let w = wave(y.shape, 0.23, 0.5)
  let (gx, gk) = grad((x, k) -> sum(w * conv_transpose1d(x, k, stride: 2, padding: 1, output_padding: 1)), wrt: (0, 1))(x, k)
  assert near(digest(gx), [-7.839521470245351, -1.692555376981421, 5.189494502204869, 1.2435876203177787, -2.370517014001946])
  assert near(digest(gk), [-0.0731315408662585, 10.167795437289275, 14.818287075290787, 1.1199223979085617, 2.8303271711832836])
}
{
  let x = wave((1, 4, 5), 0.7, 0.1)
  let k = wave((4, 2, 4), 0.9, 0.2)
  let b = wave((4,), 1.3, 0.4)
  let y = conv_transpose1d(x, k, b, stride: 3, groups: 2, dilation: 2, padding: 3)
  assert y.shape == (1, 4, 13)
  assert near(digest(y), [8.21616452428507, -1.0154363545488059, 0.3313500114216138, -0.29143074763415794, -0.6953180866537302])
  let w = wave(y.shape, 0.23, 0.5)
  let (gx, gk, gb) = grad((x, k, b) -> sum(w * conv_transpose1d(x, k, b, stride: 3, groups: 2, dilation: 2, padding: 3)), wrt: (0, 1, 2))(x, k, b)
  assert near(digest(gx), [-0.24080012330016531, -4.64931018017921, 7.225963829797668, 0.9882556001214668, -0.8359151819933724])
  assert near(digest(gk), [-0.513714972349518, 30.450256582090947, 18.173383229871213, 2.169543889081666, 1.9779045012464092])
  assert near(gb, [8.277722020766959, -8.582116913452577, 8.689669297250777, -8.597912312145883])
}
{
  let x = wave((3, 5), 0.7, 0.1)
  let k = wave((3, 2, 2), 0.9, 0.2)
  let b = wave((2,), 1.3, 0.4)
  let y = conv_transpose1d(x, k, b, stride: 2)
  assert y.shape == (2, 10)
  assert near(digest(y), [29.003421004307324, 6.903459876757092, 1.6762879182715453, 1.3351421834754413, 1.3599693735548153])
  let w = wave(y.shape, 0.23, 0.5)
  let (gx, gk, gb) = grad((x, k, b) -> sum(w * conv_transpose1d(x, k, b, stride: 2)), wrt: (0, 1, 2))(x, k, b)
  assert near(digest(gx), [4.486511037816706, 4.404049614768468, 2.489492420254275, 1.020813230484949, 1.5287567913936806])
  assert near(digest(gk), [2.315476324984454, -1.7858612614846994, 7.804501691052696, 2.563736574861095, -0.5980936442174706])
  assert near(gb, [7.9495035378162235, -5.08427277367115])
}
