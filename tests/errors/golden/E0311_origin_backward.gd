var w = (a: [0, 4], b: (3, 1))
descend w using gd(lr: 0.1) for 3 {
  let h = w.a * 2
  sum(sqrt(h)) + w.b[1]
}
