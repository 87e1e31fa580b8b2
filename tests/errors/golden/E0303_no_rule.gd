fn inner(a) {
  var w = 0
  descend w using lbfgs() for 5 { (w - a)^2 }
  w
}
print(inner'(3))
