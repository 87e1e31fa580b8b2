fn length(x) = sqrt(sum(x^2))
adjoint length(x, y, dy) = dy * x / y
var w = [0, 0]
descend w using gd(lr: 1) for 3 {
  2 * length(w * 3)
}
