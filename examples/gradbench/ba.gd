# ba.gd: bundle adjustment, how far the points of a scene fall from where the cameras saw them.
#
# A camera is 11 numbers: rotation (axis and angle), centre, focal length, principal point, and two of
# radial distortion. What is written for one observation (cam[11], x[3], w, feat[2]) works for all p at once,
# which stand along a second axis (cam[11, p], x[3, p], w[p], feat[2, p]).
fn cross(a, b) = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]

## x turned around the axis r by the angle |r| (Rodrigues); where that is 0, x + r x x.
fn rotate(r, x) {
  let square = sum(r^2, axis: 0)
  let still = square == 0
  let angle = sqrt(where(still, 1, square))
  let axis = r / angle
  let (c, s) = (cos(angle), sin(angle))
  let turned = x * c + cross(axis, x) * s + axis * (sum(axis * x, axis: 0) * (1 - c))
  where(still, x + cross(r, x), turned)
}

fn project(cam, x) {
  let seen = rotate(cam[0:3], x - cam[3:6])
  let u = seen[0:2] / seen[2]
  let square = sum(u^2, axis: 0)
  let bent = u * (1 + cam[9] * square + cam[10] * square^2)
  cam[6] * bent + cam[7:9]
}

fn residual(cam, x, w, feat) = w * (project(cam, x) - feat)
fn weight_error(w) = 1 - w^2

## The cameras, points, weights and features of all p observations: n cameras and m points in turn.
fn observations(v) {
  let i = range(0, v.p)
  let cams = tile(v.cam[:, new], 1, v.n)
  let points = tile(v.x[:, new], 1, v.m)
  (cams[:, i % v.n], points[:, i % v.m], full(v.p, v.w), tile(v.feat[:, new], 1, v.p))
}

fn objective(v) {
  let (cams, points, w, feats) = observations(v)
  (reproj_error: residual(cams, points, w, feats), w_err: weight_error(w))
}

fn answer_objective(r) = (
  reproj_error: (elements: r.reproj_error[:, 0], repeated: len(r.w_err)),
  w_err: (element: r.w_err[0], repeated: len(r.w_err)))

## The Jacobian, 3p by 11n + 3m + p, sparse by rows: two rows of 15 entries an observation, since it depends
## on its own camera, point and weight only, then the weights' errors.
fn sparse_jacobian(v) {
  let (n, m, p) = (v.n, v.m, v.p)
  let (cams, points, w, feats) = observations(v)
  let (dcam, dx, dw) = vmap(jacobian(residual, wrt: (0, 1, 2)), axes: (1, 1, 0, 1))(cams, points, w, feats)
  let block = concat((dcam, dx, dw[:, :, new]), axis: 2)               # [p, 2, 15]
  let slope = vmap(weight_error')(w)
  let i = range(0, p)
  let places = concat((11 * (i % n)[:, new] + range(0, 11)[new, :],
                       11 * n + 3 * (i % m)[:, new] + range(0, 3)[new, :],
                       (11 * n + 3 * m + i)[:, new]), axis: 1)
  (rows: concat((15 * range(0, 2 * p + 1), 30 * p + 1 + i)),
   cols: concat((flatten(tile(places[:, new, :], 1, 2, 1)), 11 * n + 3 * m + i)),
   vals: concat((flatten(block), slope)))
}

fn some(x) = concat((x[:30], x[-1:]))
fn answer_jacobian(r) = (rows: some(r.rows), cols: some(r.cols), vals: some(r.vals))
