var w = [1, 2]
descend w using gd(lr: 1) for 100 {
  let depth = sqrt(w - 0.5)
  sum(depth)
}
