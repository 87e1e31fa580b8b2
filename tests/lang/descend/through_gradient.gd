# the derivative goes through the steps: w_n = a + (w0 - a)(1 - 2 lr)^n
fn trained(a) {
  var w = 10
  descend w using gd(lr: 0.1) for 3 { (w - a) ^ 2 }
  w
}
print(trained(2))        # expect~ 6.096 1e-12
print(grad(trained)(2))  # expect~ 0.488 1e-12
fn by_lr(lr) {
  var w = 10
  descend w using gd(lr: lr) for 2 { w ^ 2 }
  w
}
# w = 10 (1 - 2 lr)^2
print(grad(by_lr)(0.1))  # expect~ -32 1e-12
