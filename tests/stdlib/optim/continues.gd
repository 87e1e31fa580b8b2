# an optimiser in a var counts its own steps: a schedule goes on where it stopped
var o = gd(lr: step_decay(1, every: 2, factor: 0.1))
var w = 0
descend w using o for 2 { -w }
print(w)   # expect: 2
descend w using o for 2 { -w }
print(w)   # expect~ 2.2 1e-12
