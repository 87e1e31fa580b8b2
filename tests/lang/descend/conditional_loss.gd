# branches on the trial value
var w = -3
descend w using gd(lr: 0.5) for 8 { if w > 0 { w ^ 2 } else { -w } }
print(abs(w) < 0.6)  # expect: true
