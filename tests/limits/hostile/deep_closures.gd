# stops: fine E0504 E0501
var f = x -> x
for i in 0..50000 { let g = f
 f = x -> g(x) + 1 }
print(f(1))
