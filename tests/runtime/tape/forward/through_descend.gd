# the derivative of a trained value by a hyperparameter goes through the steps, in both modes
fn trained(c) {
  var w = 0
  descend w using gd(lr: 0.1) for 5 { (w - c)^2 }
  w
}
# w_n = c (1 - 0.8^n)
print(jvp(trained, 3, 1)[1])         # expect~ 0.67232 1e-14
print(grad(trained)(3))              # expect~ 0.67232 1e-14
print(jvp(grad(c -> trained(c)^2), 3, 1)[1])   # expect~ 0.9040283648 1e-13
fn rate(lr) {
  var w = 1
  descend w using gd(lr: lr) for 3 { w^2 }
  w
}
# (1 - 2 lr)^3
print(jvp(rate, 0.1, 1)[1])          # expect~ -3.84 1e-13
# jvp inside the block
var v = 2
descend v using gd(lr: 0.1) for 1 { jvp(x -> x^3, v, 1)[1] }
print(v)                             # expect~ 0.8 1e-14
