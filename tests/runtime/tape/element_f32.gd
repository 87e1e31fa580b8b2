# elements are read and written in the tensor's own precision, the gradient has it too
fn f(x) {
  var y = x
  y[0] = x[0] * x[1]
  sum(y * y)
}
let g = grad(f)([1.5, 2] as f32)
print(g.dtype, g)  # expect: f32 [12, 13]
# an integer tensor stays a constant
fn h(x) {
  var k = [1, 2] as i64
  k[0] = floor(x) + 5
  x * k[0]
}
print(grad(h)(2))  # expect: 7
