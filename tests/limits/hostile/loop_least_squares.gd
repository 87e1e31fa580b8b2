# stops: E0503
var w = ones(4)
descend w using lm() for 1e9 { var k = 0
 while true { k += 1 }
 w - [1, 2, 3, 4] }
