# stops: E0503
var w = 1
descend w using gd(lr: 1e-9) until false { w^2 }
