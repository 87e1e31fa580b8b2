var w = [1, 2]
descend w using adam(lr: 0.1) for 10 { (w - 3)^2 }
