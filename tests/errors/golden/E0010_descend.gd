var w = 1
descend w using gd(lr: 0.1), for 10 { w^2 }
descend w over x data using gd(lr: 0.1) { w^2 }
