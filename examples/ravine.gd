# ravine.gd: a valley a thousand times steeper across than along.
#
# One learns why plain descent crawls here, and three ways out: momentum adds up the small steady
# pull along the valley; RMSProp and Adam divide each direction by the size of its own gradient.
let steep = 1_000

loss ravine(p) = 0.5 * p[0]^2 + 0.5 * steep * p[1]^2

fn cross(name, optimiser) {
  var p = [10, 1]
  let report = descend p using optimiser for 10_000 until loss < 1e-3 { ravine(p) }
  print("{name:10} {report.steps:5} steps to a height of {report.loss:.2}")
  assert report.loss < 1e-3, "{name} is still in the ravine"
  report.steps
}

# Plain descent may not step further than 2 / steep, or it climbs the walls; at that rate the way
# along the valley takes thousands of steps.
let lr = 1.9 / steep
let plain = cross("gd", gd(lr: lr))
let heavy = cross("momentum", sgd(lr: lr, momentum: 0.9))

# Steps of RMSProp are as long as lr however gentle the slope, so it settles only while lr falls.
let scaled = cross("rmsprop", rmsprop(lr: cosine(0.1, steps: 400)))
let both = cross("adam", adam(lr: 0.3))

assert plain > 2_000
assert all([heavy, scaled, both] < plain / 5)

# Worth trying: turn the ravine by 45 degrees, 0.25 * (p[0] + p[1])^2 + 0.25 * steep *
# (p[0] - p[1])^2. Momentum does not notice; the two that look at each axis alone do.
