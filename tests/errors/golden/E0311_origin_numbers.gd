var x = 1
var y = 2
descend x, y using gd(lr: 1) for 9 {
  var s = x
  for k in 0..12 { s = s * 1.01 + 0 * y }
  sqrt(s) + 3 * x + y
}
