# Positions as floats, integers and negative ones, of any rank, on any axis; what does not fit names the position.
let x = [10, 20, 30, 40]
let at = [[3, 0], [1, 1]]
print(x[at], x[at as i64])
# expect: [[40, 10],
# expect:  [20, 20]] [[40, 10],
# expect:  [20, 20]]
print(x[[0, -1, 2, -4]], x[[-0.0, 3]])           # expect: [10, 40, 30, 10] [10, 40]
let m = [[1, 2, 3], [4, 5, 6]]
print(m[:, [2, 0]], m[[1, 1, 0]].shape, m[..., [[0, 1], [2, 0]]].shape)
# expect: [[3, 1],
# expect:  [6, 4]] (3, 3) (2, 2, 2)
print((m as f32)[:, [1]].dtype, (m as u8)[[1], :])                   # expect: f32 [[4, 5, 6]]
print(grad(x -> sum(x[at] * [[1, 2], [3, 4]]))([0, 0, 0, 0]))        # expect: [2, 7, 0, 1]
print(grad(m -> sum(m[:, [2, 2, 0]] * [[1, 2, 3], [4, 5, 6]]))(m))
# expect: [[3, 0, 3],
# expect:  [6, 0, 9]]
for bad in ([0, 4], [0, -5], [0, 0.5], [0, 0 / 0], [0, 1 / 0], [1e300]) {
  try { print(x[bad]) } catch e { print(e.code) }
}
# expect: E0211
# expect: E0211
# expect: E0212
# expect: E0212
# expect: E0211
# expect: E0211

# Slices of every shape send their cotangents home: against the same by a mask of ones.
seed(4)
fn agrees(f, a) {
  let w = normal(f(a).shape)
  let g = grad(a -> sum(f(a) * w))(a)
  var worst = 0
  for k in 0..a.size {
    let e = reshape(one_hot([k], a.size)[0], a.shape)
    worst = max(worst, abs(sum(f(a + e) * w) - sum(f(a) * w) - sum(g * e)))
  }
  worst < 1e-12
}
let t = normal(3, 4, 5)
print(agrees(t -> t[1:, ::2, :], t), agrees(t -> t[:, :, 2:4], t), agrees(t -> t[::-1, 3, ::2], t))   # expect: true true true
print(agrees(t -> t[..., 0], t), agrees(t -> t[2, 1:2], t), agrees(t -> t[:, 1:1, :], t))  # expect: true true true
print(agrees(t -> t[1:2, 2:3, 4:5], t), agrees(t -> t[:, :, new, 1:], t))            # expect: true true
