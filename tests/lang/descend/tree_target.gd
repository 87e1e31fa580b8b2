var p = (w: [2, 2], b: (1, "label"))
descend p using gd(lr: 0.25) for 1 { sum(p.w ^ 2) + p.b[0] }
print(p)           # expect: (w: [1, 1], b: (0.75, "label"))
