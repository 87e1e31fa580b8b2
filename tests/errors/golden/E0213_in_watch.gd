var w = [1, 2]
descend w using gd(lr: 0.1) for 10 {
  sum(w^2)
} watch every 5 {
  print(w + [1, 2, 3])
}
