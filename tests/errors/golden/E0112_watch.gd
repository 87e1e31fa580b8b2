var w = 3
var seen = 0
descend w using gd(lr: 0.1) for 10 { w^2 } watch every 2 { seen += 1; break }
