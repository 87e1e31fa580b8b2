# The transpose of conv2d.
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
  let x = wave((2, 3, 4, 5), 0.7, 0.1)
  let k = wave((3, 4, 3, 2), 0.9, 0.2)
  let b = wave((4,), 1.3, 0.4)
  let y = conv_transpose2d(x, k, b)
  assert y.shape == (2, 4, 6, 6)
  assert near(digest(y), [40.134513300236634, 5.595101745318759, -2.607340794853937, 0.5037186824595256, -1.0613243811880406])
  let w = wave(y.shape, 0.23, 0.5)
  let (gx, gk, gb) = grad((x, k, b) -> sum(w * conv_transpose2d(x, k, b)), wrt: (0, 1, 2))(x, k, b)
  assert near(digest(gx), [-4.614355987161913, 10.388324726142258, 6.473063806036439, 2.2545635600341574, 0.5842221948527488])
  assert near(digest(gk), [1.2411761812136433, -13.54809826614208, -2.880151676749259, -1.1291780132286868, -1.2176546580568255])
  assert near(gb, [7.593756628931788, -8.55656865787992, -0.5217810636935081, 8.987818973325744])
}
{
  let x = wave((2, 3, 4, 5), 0.7, 0.1)
  let k = wave((3, 4, 3, 3), 0.9, 0.2)
  let y = conv_transpose2d(x, k, stride: 2, padding: 1, output_padding: 1)
  assert y.shape == (2, 4, 8, 10)
  assert near(digest(y), [-1.5143864404551555, -83.84917604172053, -2.3197491673480686, -1.1432638181086519, 0.7808871521931499])
  let w = wave(y.shape, 0.23, 0.5)
  let (gx, gk) = grad((x, k) -> sum(w * conv_transpose2d(x, k, stride: 2, padding: 1, output_padding: 1)), wrt: (0, 1))(x, k)
  assert near(digest(gx), [-5.063831360192532, 48.16947815787845, 1.1315389477908582, -2.0157113808952127, -0.8682435634787365])
  assert near(digest(gk), [-12.548089352211392, 6.9649048415113715, 1.596476412923585, 6.438474189928726, 7.258680660134072])
}
{
  let x = wave((2, 4, 4, 5), 0.7, 0.1)
  let k = wave((4, 3, 3, 2), 0.9, 0.2)
  let b = wave((6,), 1.3, 0.4)
  let y = conv_transpose2d(x, k, b, stride: (3, 2), padding: (1, 0), output_padding: (2, 1), groups: 2, dilation: (1, 2))
  assert y.shape == (2, 6, 12, 12)
  assert near(digest(y), [160.2688389912818, -13.777874194427053, 4.413645787186052, -0.12421850687667418, 0.5784397643882001])
  let w = wave(y.shape, 0.23, 0.5)
  let (gx, gk, gb) = grad((x, k, b) -> sum(w * conv_transpose2d(x, k, b, stride: (3, 2), padding: (1, 0), output_padding: (2, 1), groups: 2, dilation: (1, 2))), wrt: (0, 1, 2))(x, k, b)
  assert near(digest(gx), [-1.8436375738859883, 47.588291282827385, -2.2995127040601684, 2.1244438505095586, -2.4311490869503363])
  assert near(digest(gk), [-1.906456988055623, 5.016787980524632, 1.5673822308498353, 3.1216384535619213, -0.16552601099558925])
  assert near(gb, [0.3371403728022564, 5.005221948667718, -1.6673574400992575, -4.562095280789628, 2.879806571702475, 3.796741038463681])
}
{
  let x = wave((2, 4, 4, 5), 0.7, 0.1)
  let k = wave((4, 1, 3, 3), 0.9, 0.2)
  let b = wave((4,), 1.3, 0.4)
  let y = conv_transpose2d(x, k, b, stride: 2, groups: 4, dilation: 3, output_padding: 2)
  assert y.shape == (2, 4, 15, 17)
  assert near(digest(y), [314.6218441513271, 0.757627214567238, -0.4683029996825119, 0.4092521803848604, -0.9161659367494552])
  let w = wave(y.shape, 0.23, 0.5)
  let (gx, gk, gb) = grad((x, k, b) -> sum(w * conv_transpose2d(x, k, b, stride: 2, groups: 4, dilation: 3, output_padding: 2)), wrt: (0, 1, 2))(x, k, b)
  assert near(digest(gx), [-0.528355284798272, -21.60442237187407, 0.37178521941233367, 1.3007511353701817, -1.35505033821561])
  assert near(digest(gk), [-12.131105247421905, -0.7829303710650256, 0.18021206255319933, 0.1946372457793646, -1.2266468104300787])
  assert near(gb, [4.435925393924057, -7.331725755908926, 2.98371734821494, 4.312229732147111])
}
{
  let x = wave((8, 9, 10), 0.7, 0.1)
  let k = wave((8, 16, 4, 4), 0.9, 0.2)
  let b = wave((16,), 1.3, 0.4)
  let y = conv_transpose2d(x, k, b, stride: 2, padding: 1)
  assert y.shape == (16, 18, 20)
  assert near(digest(y), [326.2264588480706, -5.0090452731968504, 0.49525444340758384, 0.33883320594178457, 0.8918110267164895])
  let w = wave(y.shape, 0.23, 0.5)
  let (gx, gk, gb) = grad((x, k, b) -> sum(w * conv_transpose2d(x, k, b, stride: 2, padding: 1)), wrt: (0, 1, 2))(x, k, b)
  assert near(digest(gx), [1.6650260078912513, 52.439527280348514, -5.752085865443493, 4.152790725119002, -2.310843856175808])
  assert near(digest(gk), [169.50442730209357, -12.495619009764484, -39.1341692037861, -0.5807435464709635, 1.3192595927900117])
  assert near(gb, [3.7458322439449585, 4.075353395021316, -0.1843788832537896, -4.236482192884046, -3.517885014102033, 1.162200727795264, 4.533532808686569, 2.7996558505872127, -2.0869121671404125, -4.623409432353276, -1.9534876374060655, 2.916255613543118, 4.502004869844756, 1.0180486833905262, -3.6123316186274277, -4.174867083189965])
}
{
  let x = wave((2, 3, 3, 3), 0.7, 0.1)
  let k = wave((3, 3, 1, 1), 0.9, 0.2)
  let b = wave((3,), 1.3, 0.4)
  let y = conv_transpose2d(x, k, b)
  assert y.shape == (2, 3, 3, 3)
  assert near(digest(y), [27.387656265763997, -0.807687484790641, -2.3457394279843156, 0.353031556621731, -0.2575688819713734])
  let w = wave(y.shape, 0.23, 0.5)
  let (gx, gk, gb) = grad((x, k, b) -> sum(w * conv_transpose2d(x, k, b)), wrt: (0, 1, 2))(x, k, b)
  assert near(digest(gx), [-13.452959450704205, -8.880928397569924, -4.056227950745619, -0.3295504576574351, -0.5737363382240652])
  assert near(digest(gk), [0.6525577159885847, 2.488578097709876, 2.770368110101303, -0.6507698627622329, -4.206046129205831])
  assert near(gb, [14.714918100080148, -4.594771729808664, -10.315639717261176])
}
