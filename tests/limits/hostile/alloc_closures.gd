# stops: E0501 E0503
var f = x -> x
while true { let g = f
 f = x -> g(x) + 1 }
