fn scaled(x) = log(x) * 2
adjoint scaled(x, y, dy) = 2 * dy / x
var w = 1
descend w using gd(lr: 1) for 3 {
  scaled(w) + w
}
