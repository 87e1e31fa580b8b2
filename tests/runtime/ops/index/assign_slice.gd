# values laid into a slice: the gradient of what is overwritten is zero
# op: set_slice
fn f(x, v) {
  var y = x
  y[1:3] = v
  sum(y * [1, 10, 100, 1000])
}
let (dx, dv) = grad(f, wrt: (0, 1))([1, 2, 3, 4], [5, 6])
print(dx, dv)                       # expect: [1, 0, 0, 1000] [10, 100]
fn g(x, k) {
  var y = x
  y[::2] = k
  y[:, new][0, 0] + sum(y * [1, 10, 100, 1000])
}
print(grad(g, wrt: (0, 1))([1, 2, 3, 4], 5))  # expect: ([0, 10, 0, 1000], 102)
fn h(x) {
  var A = zeros(2, 2)
  A[:, 0] = x
  A[1] = A[0] * 3
  sum(A * [[1, 2], [3, 4]])
}
print(grad(h)([5, 7]))              # expect: [10, 0]
