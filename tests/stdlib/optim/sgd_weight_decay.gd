# g = w + 0.5 w, w = w - 0.1 g: each step multiplies by 0.85; with momentum by hand
var w = [2, -4]
descend w using sgd(lr: 0.1, weight_decay: 0.5) for 2 { 0.5 * sum(w^2) }
print((v for v in w))  # expect~ (1.445, -2.89) 1e-12
var u = 1
descend u using sgd(lr: 0.1, momentum: 0.5, weight_decay: 1) for 2 { 2 * u }
# g1 = 3, v1 = 3, u1 = 0.7; g2 = 2.7, v2 = 4.2, u2 = 0.28
print(u)  # expect~ 0.28 1e-12
