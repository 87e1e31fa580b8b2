# stops: E0501 E0503
var x = (1, 2)
for i in 0..60 { x = (x, x) }
print(grad(t -> 1)(x))
