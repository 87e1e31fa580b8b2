let x = [1, 0 / 0, 2]
var w = ones(3)
descend w using gd(lr: 0.1) for 3 { sum(x * w) }
