# stops: E0503
var x = (1, "lol")
var y = (1, "lol")
for i in 0..60 { x = (x, x)
 y = (y, y) }
print(x == y)
