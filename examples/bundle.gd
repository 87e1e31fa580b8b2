# bundle.gd: where were the cameras? Bundle adjustment with an adjoint of one's own.
#
# One learns to give a function its derivative where the automatic one would be slow or undefined,
# to check it against finite differences, and to solve least squares with lm over a whole tree.
seed(2)

## The matrix of the cross product: hat(v) @ x is v x x.
fn hat(v[3]) = [[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]]

## sin(a)/a, (1 - cos(a))/a^2 and (a - sin(a))/a^3, by their series where a is small.
fn ratios(v[3]) {
  let s = sum(v^2)
  if s < 1e-6 {
    (1 - s / 6, 1/2 - s / 24, 1/6 - s / 120)
  } else {
    let a = sqrt(s)
    (sin(a) / a, (1 - cos(a)) / s, (a - sin(a)) / (s * a))
  }
}

## The rotation about v by the angle |v| (Rodrigues 1840).
fn rotation(v[3]) {
  let (a, b, _) = ratios(v)
  eye(3) + a * hat(v) + b * hat(v) @ hat(v)
}

## Turns each row of x.
fn turn(v[3], x[n, 3]) -> [n, 3] = x @ rotation(v)'

# A small change d of v turns the result y further, by J d with J = 1 + b hat(v) + c hat(v)^2. So
# the cotangent of v is J' times the torque, the sum of y x dy: three numbers, whatever n.
adjoint turn(v, x, y, dy) {
  let (_, b, c) = ratios(v)
  let m = y' @ dy
  let torque = [m[1, 2] - m[2, 1], m[2, 0] - m[0, 2], m[0, 1] - m[1, 0]]
  let J = eye(3) + b * hat(v) + c * hat(v) @ hat(v)
  (J' @ torque, dy @ rotation(v))
}

let probe = normal(4, 3)
for v in ([0.3, -0.5, 0.8], [1e-5, 0, 0], [0, 0, 0]) {
  let check = check_grad((v, x) -> sum(sin(turn(v, x))), v, probe)
  print("adjoint of turn at {v}: worst error {check.error:.1}")
  assert check.error < 1e-6
}

# Three cameras look at the same twelve points. A camera sees each point divided by its depth.
fn project(camera, points) {
  let p = turn(camera.angle, points) + camera.place
  p[:, 0:2] / p[:, 2:3]
}

let points = uniform(12, 3) - 0.5
let cameras = (
  (angle: [0, 0, 0], place: [0, 0, 4]),
  (angle: [0.1, 0.5, 0], place: [-0.4, 0.1, 4.2]),
  (angle: [-0.4, -0.3, 0.2], place: [0.3, -0.2, 3.8]),
)
let seen = (project(camera, points) for camera in cameras)

# The pictures are all we have now. Start from a wrong guess and move everything until the
# projections fall on what was seen.
var guess = (
  points: points + 0.05 * normal(12, 3),
  cameras: ((angle: c.angle + 0.03, place: c.place + 0.1) for c in cameras),
)
let report = descend guess using lm() for 50 until loss < 1e-20 {
  concat(project(c, guess.points) - picture for (c, picture) in zip(guess.cameras, seen))
}
print("reprojection error {sqrt(2 * report.loss / 72):.2} after {report.steps} steps")
assert report.loss < 1e-20

# Pictures fix the scene up to a turn, a shift and a scale, so compare what these leave alone:
# the ratio of two distances.
fn gap(x, i, j) = norm(x[i] - x[j])
let truth = gap(points, 0, 1) / gap(points, 2, 3)
let found = gap(guess.points, 0, 1) / gap(guess.points, 2, 3)
print("ratio of two distances: {found:.8}, in truth {truth:.8}")
assert abs(found / truth - 1) < 1e-6
