# its own variables and loops are free
var w = 2
descend w using gd(lr: 0.25) for 1 {
  var s = 0
  for i in 0..10 {
    if i == 3 { break }
    s += w
  }
  s + w ^ 2 - 3 * w
}
print(w)   # expect: 1
