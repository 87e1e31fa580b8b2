# names the first operation that made it, not where it ended
var w = [4, 9]
descend w using gd(lr: 1) for 5 {
  let a = sum(w * 2)
  let b = sqrt(w[0] - 5)  # expect error: E0311: sqrt
  let c = b + a
  c * 2
}
