var w = 3
var seen = 0
descend w using gd(lr: 0.1) for 10 {
  seen += 1
  if w < 0 { break }
  w^2
}
fn train() {
  var v = 1
  descend v using gd(lr: 0.1) for 3 { return v }
  v
}
