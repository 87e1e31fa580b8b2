# the derivative goes through a fit by gd: for loss (a w - 1)^2 / 2 one step from 0 gives lr a
fn fit(a) {
  var w = 0
  descend w using gd(lr: 0.5) for 1 { (a * w - 1) ^ 2 / 2 }
  w
}
print(fit(3), grad(fit)(3))  # expect: 1.5 0.5
