var w = [1, -2]
descend w using gd(lr: 0.25) for 2 { sum(w ^ 2) }
print(w)           # expect: [0.25, -0.5]
