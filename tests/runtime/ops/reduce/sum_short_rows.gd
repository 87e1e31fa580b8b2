# Sums of short rows, which have a loop of their own, against a loop over the elements; also where rows do not lie
# one behind the other, and with what 0 + x makes of signed zeros, infinities and NaN.
seed(3)
fn by_hand(x) {
  var y = zeros(len(x))
  for i in 0..len(x) {
    for j in 0..x.shape[1] { y[i] += x[i, j] }
  }
  y
}
var worst = 0
for n in 1..20 {
  let x = normal(7, n)
  let wide = normal(7, 2 * n)
  for a in (x, normal(n, 7)', wide[:, ::2], wide[:, :n], flip(x, axis: 1)) {
    worst = max(worst, max(abs(sum(a, axis: 1) - by_hand(a))))
  }
  worst = max(worst, max(abs(sum(normal(2, 3, n) * 0 + 1, axis: -1) - n)))
}
print(worst < 1e-13)                             # expect: true
print(sum(zeros(3, 0), axis: 1), sum(zeros(0, 3), axis: 1).shape)    # expect: [0, 0, 0] (0,)
print(1 / sum([[-0.0, -0.0], [-0.0, 0]], axis: 1))                   # expect: [inf, inf]
print(sum([[1 / 0, 1], [1 / 0, -1 / 0], [0 / 0, 1]], axis: 1))       # expect: [inf, nan, nan]
print(sum([[1, 2], [3, 4]] as f32, axis: 1).dtype)                   # expect: f32
print(grad(x -> sum(sum(x, axis: 1)^2))([[1, 2, 3], [4, 5, 6]]))
# expect: [[12, 12, 12],
# expect:  [30, 30, 30]]
