# an infinity that is masked is passed by; the one that matters is named with its element
var w = [[0.5, 2], [1, 3]]
descend w using gd(lr: 0.4) for 9 {
  let masked = where([true, false], w, -1 / 0)
  let p = w - 0.5
  sum(exp(masked)) + sum(log(p + 0.1))
}
