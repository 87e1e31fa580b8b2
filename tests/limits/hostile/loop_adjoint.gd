# stops: E0503
fn f(x) = x
adjoint f(x, y, dy) = { while true { }
 dy }
print(grad(f)(1))
