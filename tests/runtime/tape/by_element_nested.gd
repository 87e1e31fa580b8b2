# elements written under derivatives of derivatives, checked against differences
fn f(x) {
  var y = zeros(3)
  y[0] = x[0] * x[1]
  y[1] = y[0] * x[0]
  y[2] = sum(y) * y[1]
  y[0] = 1
  sum(y * y)
}
let g = x -> sum(grad(f)(x) * [1, 2])
let h = x -> sum(grad(g)(x) * [3, 1])
print(check_grad(f, [1.2, 0.7]).error < 1e-8)  # expect: true
print(check_grad(g, [1.2, 0.7]).error < 1e-8)  # expect: true
print(check_grad(h, [1.2, 0.7]).error < 1e-8)  # expect: true
