# stops: E0503
let f = checkpoint(x -> { var y = x
 while true { y = y * 0.5 + x }
 y })
print(grad(f)(1))
