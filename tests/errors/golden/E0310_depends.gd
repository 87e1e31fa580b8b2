var w = 3
let predict = x -> w * x
descend w using gd(lr: 0.1) for 10 { (predict(2) - 4)^2 }
