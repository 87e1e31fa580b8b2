# with gradient -1 the sum of the rates so far
# source: PyTorch 1.13.0a0, CosineAnnealingLR(T_max=4): lr / 2 * (1 + cos(pi t / 4)), t = 0, 1, 2, 3
var w = 0
descend w using gd(lr: cosine(0.1, steps: 4)) for 4 { -w } watch every 1 { print(w) }
# expect~ 0.1 1e-9
# expect~ 0.18535533905932738 1e-9
# expect~ 0.23535533905932737 1e-9
# expect~ 0.25 1e-9
