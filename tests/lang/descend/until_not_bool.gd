var w = 1
descend w using gd(lr: 0.1) until w { w ^ 2 }  # expect error: E0205
