# stops: E0503
var w = ones(4)
descend w using lbfgs() for 100 { var k = 0
 while true { k += 1 }
 sum(w) }
