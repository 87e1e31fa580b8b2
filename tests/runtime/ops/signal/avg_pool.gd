# op: avg_pool avg_unpool -- means of windows, with and without the padding
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
  let x = wave((2, 3, 11), 0.7, 0.1)
  let y = avg_pool1d(x, 3)
  assert y.shape == (2, 3, 3)
  assert near(digest(y), [0.0017787465231804411, -0.1932577601091685, 0.08887854093300396, 0.6048948313834684, -0.3911022878223136])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * avg_pool1d(x, 3)))(x)), [4.850216899763382, 1.1576182844698046, 1.5303382237160967, 0.15980851286806766, 0.0])
}
{
  let x = wave((2, 3, 11), 0.7, 0.1)
  let y = avg_pool1d(x, 4, stride: 2, padding: 2)
  assert y.shape == (2, 3, 6)
  assert near(digest(y), [0.6655546847859699, 0.7186541296701461, 0.5635998929382516, 0.20429737688658772, 0.5022738047777643])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * avg_pool1d(x, 4, stride: 2, padding: 2)))(x)), [6.414361059376423, -1.0696877377057017, 0.38970483470208495, 0.2865737934019752, 0.19185028921687183])
}
{
  let x = wave((2, 3, 11), 0.7, 0.1)
  let y = avg_pool1d(x, 4, stride: 2, padding: 2, count_include_pad: false)
  assert y.shape == (2, 3, 6)
  assert near(digest(y), [1.2946763785222513, 0.5551674854179668, 0.6795892565823909, 0.40859475377317545, 0.6696984063703524])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * avg_pool1d(x, 4, stride: 2, padding: 2, count_include_pad: false)))(x)), [7.197538405055838, -1.5182226822688727, 0.6810977782676615, 0.40643017805302595, 0.2558003856224958])
}
{
  let x = wave((2, 3, 8, 8), 0.7, 0.1)
  let y = avg_pool2d(x, 2)
  assert y.shape == (2, 3, 4, 4)
  assert near(digest(y), [0.37367356481233394, 3.164655901561308, -0.6264072454212274, 0.09576329244980132, -0.8101176709655092])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * avg_pool2d(x, 2)))(x)), [7.9157659388210995, -0.051208135911999214, 0.47336460093249105, 0.11985638465105075, -0.08779976333311038])
}
{
  let x = wave((2, 3, 7, 9), 0.7, 0.1)
  let y = avg_pool2d(x, 3, stride: 2, padding: 1)
  assert y.shape == (2, 3, 4, 5)
  assert near(digest(y), [-0.3329823815122479, 0.0036434589445915044, 1.0199953860025495, 0.18474530583585774, -0.10417297027124074])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * avg_pool2d(x, 3, stride: 2, padding: 1)))(x)), [7.7154783604100725, -3.7049898755713073, 0.09687798251859203, 0.05326950428935589, 0.04371182695923278])
}
{
  let x = wave((2, 3, 7, 9), 0.7, 0.1)
  let y = avg_pool2d(x, 3, stride: 2, padding: 1, count_include_pad: false)
  assert y.shape == (2, 3, 4, 5)
  assert near(digest(y), [0.7673684366220885, 0.06771319678542886, 1.3323317296708377, 0.4156769381306799, -0.23438918311029167])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * avg_pool2d(x, 3, stride: 2, padding: 1, count_include_pad: false)))(x)), [8.21475808934782, -3.637340578430323, 0.13119927423733646, 0.11985638465105075, 0.09835161065827375])
}
{
  let x = wave((3, 7, 9), 0.7, 0.1)
  let y = avg_pool2d(x, (3, 2), stride: (1, 3), padding: (1, 0))
  assert y.shape == (3, 7, 3)
  assert near(digest(y), [-0.07071862583560679, 0.32877435094149887, -0.007490835451636091, 0.2771179587537866, -0.6042846702887746])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * avg_pool2d(x, (3, 2), stride: (1, 3), padding: (1, 0))))(x)), [8.102016822327771, 0.900423347911105, -0.05428685537003186, 0.23463241764222825, 0.0])
}
{
  let x = wave((2, 3, 7, 9), 0.7, 0.1)
  let y = adaptive_avg_pool2d(x, (3, 4))
  assert y.shape == (2, 3, 3, 4)
  assert near(digest(y), [-0.7956507358864346, 0.371202882873677, 0.027552492787977445, 0.6146292671801874, -0.4834253319297765])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * adaptive_avg_pool2d(x, (3, 4))))(x)), [5.465935078270155, -1.747563702458988, 0.0885594432131934, 0.05326950428935589, -0.1001095492258739])
}
{
  let x = wave((3, 4, 5), 0.7, 0.1)
  let y = adaptive_avg_pool2d(x, (6, 5))
  assert y.shape == (3, 6, 5)
  assert near(digest(y), [3.462870395737667, 7.626703384319348, 0.3304834314035514, 0.09983341664682815, -0.5305891777502036])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * adaptive_avg_pool2d(x, (6, 5))))(x)), [6.726034357101089, -5.869364028958018, 1.2177501259340757, 0.9778580528311624, 1.2652769195409963])
}
{
  let x = wave((2, 3, 4, 5), 0.7, 0.1)
  let y = adaptive_avg_pool2d(x, 1)
  assert y.shape == (2, 3, 1, 1)
  assert near(digest(y), [0.10545426466127199, 0.04507400358894705, 0.09781078827435674, 0.043113854751767176, 0.09351062163388688])
  assert near(digest(grad(x -> sum(wave(y.shape, 0.23, 0.5) * adaptive_avg_pool2d(x, 1)))(x)), [4.879372500463705, 0.013060645613704652, -0.02881630187434415, 0.02397127693021015, 0.049843251422695946])
}
