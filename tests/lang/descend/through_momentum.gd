# source: three steps of v = 0.9 v + g, w = w - lr v by hand: linear in a
fn trained(a) {
  var w = 0
  descend w using sgd(lr: 0.1, momentum: 0.9) for 2 { (w - a) ^ 2 }
  w
}
# w1 = 0.2 a; v2 = 0.9 * (-2a) + 2 (0.2 a - a) = -3.4 a; w2 = 0.54 a
print(trained(1))        # expect~ 0.54 1e-12
print(grad(trained)(1))  # expect~ 0.54 1e-12
