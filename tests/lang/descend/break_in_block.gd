var w = 1
for i in 0..2 {
  descend w using gd(lr: 0.1) for 2 {
    if w > 0 { break }  # expect error: E0112
    w ^ 2
  }
}
