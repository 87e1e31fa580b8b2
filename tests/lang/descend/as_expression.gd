var w = 2
print((descend w using gd(lr: 0.5) for 1 { w ^ 2 }).steps)  # expect: 1
print(w)   # expect: 0
