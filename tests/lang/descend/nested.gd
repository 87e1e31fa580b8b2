# a descend inside the block of another one
var a = 0
let r = descend a using gd(lr: 0.25) for 20 {
  var w = 0
  descend w using gd(lr: 0.5) for 1 { (w - a) ^ 2 }
  (w - 3) ^ 2
}
print(a)   # expect~ 3 1e-4
