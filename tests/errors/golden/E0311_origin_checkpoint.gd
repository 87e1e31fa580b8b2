fn layer(w) = sqrt(w - 1)
var w = [1, 2]
descend w using gd(lr: 0.1) for 3 {
  sum(checkpoint(layer)(w))
}
