# tensors read and written by element, in loops and slices
fn f(x) {
  var y = x
  y[0] = x[1] * y[0]
  y[1] += 1
  y * y
}
print(jvp(f, [3, 4], [1, 0]), jvp(f, [3, 4], [0, 1]))                # expect: ([144, 25], [96, 0]) ([144, 25], [72, 10])
print(jvp(x -> jvp(f, x, [1, 0])[1], [3, 4], [0, 1]))                # expect: ([96, 0], [48, 0])
print(jvp(x -> vjp(f, x)[1]([1, 0]), [3, 4], [0, 1]))                # expect: ([96, 72], [48, 18])
print(vjp(x -> jvp(f, x, [1, 0])[1], [3, 4])[1]([1, 1]))             # expect: [32, 48]
# the tensor written into goes away, its tangent stays as long as elements of it do
fn g(x) {
  var t = x * 2
  t[0] = 7
  let snapshot = t
  t[1] = t[2] * t[1]
  sum(snapshot) + sum(t)
}
print(jvp(g, [1, 2, 3], [1, 1, 1]))                                  # expect: (54, 26)
print(jacobian(x -> { var t = zeros(3); for i in 0..3 { t[i] = x[i] * x[2 - i] }; t }, mode: "forward")([1, 2, 3]))
# expect: [[3, 0, 1],
# expect:  [0, 4, 0],
# expect:  [3, 0, 1]]
print(jvp(x -> [x[0] * x[1], 3], [1, 2], [1, 1]))                    # expect: ([2, 3], [3, 0])
fn rows(A) {
  var B = A
  B[1, :] = A[0, :] * 2
  B[0, 0] = B[1, 1]
  B
}
print(jvp(rows, [[1, 2], [3, 4]], [[1, 10], [100, 1000]])[1])
# expect: [[20, 10],
# expect:  [ 2, 20]]
