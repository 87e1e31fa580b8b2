var w = 1
var n = 0
descend w using gd(lr: 0.1) for 2 {
  n += 1  # expect error: E0112
  w ^ 2
}
