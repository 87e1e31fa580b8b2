var w = 3
descend w using gd(lr: 0.1) { w^2 }
