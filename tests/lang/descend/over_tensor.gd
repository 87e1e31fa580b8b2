var w = 0
descend w over x in [1, 2, 3] using gd(lr: 1) { -w * x }
print(w)                 # expect: 6
