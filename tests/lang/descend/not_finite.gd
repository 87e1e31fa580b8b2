var w = -1
descend w using gd(lr: 0.1) for 5 { log(w) }  # expect error: E0311: log
