# through the steps of each optimiser, against central differences
fn trained(o, a) {
  var w = [1.2, a]
  descend w using o for 4 { (w[0] - a)^4 + w[0] * w[1]^2 }
  w[0] + 2 * w[1]
}
fn by_rate(make, lr) = trained(make(lr), 0.7)
let h = 1e-5
for make in (lr -> sgd(lr: lr, momentum: 0.9), lr -> rmsprop(lr: lr), lr -> adam(lr: lr), lr -> adamw(lr: lr),
             lr -> adam(lr: cosine(lr, steps: 4))) {
  let o = make(0.05)
  let exact = grad(a -> trained(o, a))(0.7)
  let rough = (trained(o, 0.7 + h) - trained(o, 0.7 - h)) / (2 * h)
  assert abs(exact - rough) < 1e-6 * (1 + abs(exact)), "by the target: {exact} {rough}"
  let exact2 = grad(lr -> by_rate(make, lr))(0.05)
  let rough2 = (by_rate(make, 0.05 + h) - by_rate(make, 0.05 - h)) / (2 * h)
  assert abs(exact2 - rough2) < 1e-6 * (1 + abs(exact2)), "by the rate: {exact2} {rough2}"
}
print("close")  # expect: close
