# gradient 2 throughout: v = 0.04, 0.0796; buf = 2 / 0.2, then 0.5 * 10 + 2 / sqrt(0.0796)
var w = 0
descend w using rmsprop(lr: 0.1, eps: 0, momentum: 0.5) for 2 { 2 * w }
print(w)  # expect~ -2.2088812050083362 1e-12
