var w = 1
descend w using gd(lr: 1.5) for 100_000 { w^2 }
