# op: max_pool max_spread max_pick -- windows, and ties, of which the first has the slope
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
  let x = round(4 * wave((2, 3, 11), 0.7, 0.1)) / 4
  let y = max_pool1d(x, 3)
  assert y.shape == (2, 3, 3)
  assert near(digest(y), [8.0, 0.26578239801403236, 0.8673847015184004, 1.0, 0.25])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * max_pool1d(x, 3)))(x)), [4.850216899763382, 0.4522389692436849, -0.5777777868764522, 0.0, 0.0])
}
{
  let x = round(4 * wave((2, 3, 11), 0.7, 0.1)) / 4
  let y = max_pool1d(x, 3, stride: 1, padding: 1)
  assert y.shape == (2, 3, 11)
  assert near(digest(y), [28.25, 2.070980207167758, 3.037281394422172, 0.75, 1.0])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * max_pool1d(x, 3, stride: 1, padding: 1)))(x)), [8.351424364238385, -3.1490822002331287, -2.570158231425622, 0.0, 0.723939580247938])
}
{
  let x = round(4 * wave((3, 12), 0.7, 0.1)) / 4
  let y = max_pool1d(x, 4, stride: 3, padding: 2, dilation: 2)
  assert y.shape == (3, 4)
  assert near(digest(y), [9.5, -1.1900752954480462, 0.04553914343796772, 1.0, 0.25])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * max_pool1d(x, 4, stride: 3, padding: 2, dilation: 2)))(x)), [8.395852876658777, 0.521406602473748, 1.9053105097561311, 0.0, 0.0])
}
{
  let x = round(4 * wave((2, 3, 8, 8), 0.7, 0.1)) / 4
  let y = max_pool2d(x, 2)
  assert y.shape == (2, 3, 4, 4)
  assert near(digest(y), [40.5, 1.6950461526925635, 0.5778427128415489, 0.75, -0.5])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * max_pool2d(x, 2)))(x)), [7.915765938821099, 9.296209219136749, 3.670547646061438, 0.0, 0.0])
}
{
  let x = round(4 * wave((2, 3, 7, 9), 0.7, 0.1)) / 4
  let y = max_pool2d(x, 3, stride: 2, padding: 1)
  assert y.shape == (2, 3, 4, 5)
  assert near(digest(y), [38.5, 0.5085964949284956, 0.08176410339005291, 0.75, 0.0])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * max_pool2d(x, 3, stride: 2, padding: 1)))(x)), [8.21475808934782, -24.29245518447565, 2.758532022994747, 0.0, 0.0])
}
{
  let x = round(4 * wave((3, 7, 9), 0.7, 0.1)) / 4
  let y = max_pool2d(x, (3, 2), stride: (1, 3), padding: (1, 1), dilation: (2, 1))
  assert y.shape == (3, 5, 4)
  assert near(digest(y), [5.75, 1.1909005069222243, -0.1630715457262377, 0.25, -0.25])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * max_pool2d(x, (3, 2), stride: (1, 3), padding: (1, 1), dilation: (2, 1))))(x)), [4.246803401899471, 2.4362489349698757, 1.29244999213575, 0.0, 0.0])
}
{
  let x = round(4 * wave((1, 1, 1, 1), 0.7, 0.1)) / 4
  let y = max_pool2d(x, 1)
  assert y.shape == (1, 1, 1, 1)
  assert near(digest(y), [0.0, 0.0, 0.0, 0.0, 0.0])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * max_pool2d(x, 1)))(x)), [0.479425538604203, 0.479425538604203, 0.1416799342470381, 0.479425538604203, 0.479425538604203])
}
{
  let x = round(4 * wave((2, 3, 7, 9), 0.7, 0.1)) / 4
  let y = adaptive_max_pool2d(x, (3, 4))
  assert y.shape == (2, 3, 3, 4)
  assert near(digest(y), [29.5, 1.4914619909364202, 0.39961611430688515, 1.0, 0.0])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * adaptive_max_pool2d(x, (3, 4))))(x)), [5.465935078270154, -6.388237053857993, -1.2640468491561734, 0.0, 0.0])
}
{
  let x = round(4 * wave((3, 4, 5), 0.7, 0.1)) / 4
  let y = adaptive_max_pool2d(x, (6, 5))
  assert y.shape == (3, 6, 5)
  assert near(digest(y), [21.5, 12.190963866746525, 1.60517519040552, 0.0, -0.5])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * adaptive_max_pool2d(x, (6, 5))))(x)), [6.7260343571010885, -1.5276925599074205, -0.43814679388369426, 1.476290567058122, 0.8527085848709641])
}
