let w = 1
descend w using gd(lr: 0.1) for 1 { w ^ 2 }  # expect error: E0110
