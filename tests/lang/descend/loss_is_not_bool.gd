var w = 1
descend w using gd(lr: 0.1) for 1 { w > 0 }  # expect error: E*
