# the norm is that of the whole gradient: (3, 4) and 12 have norm 13
var w = [0, 0]
var b = 0
descend w, b using gd(lr: 1), clip_norm(1) for 1 { -(3 * w[0] + 4 * w[1]) - 12 * b }
print((v for v in w))  # expect~ (0.23076923, 0.30769231) 1e-5
print(b)  # expect~ 0.92307692 1e-5
