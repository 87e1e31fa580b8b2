# stops: E0501 E0503
fn f(x) { var y = x
 for i in 0..1e6 { y = sin(y) * x }
 sum(y) }
print(grad(f)(ones(1000)))
