# stops: E0504 E0501 E0503
fn f(k) = if k == 0 { x -> sin(x) * x } else { grad(f(k - 1)) }
print(f(40)(1))
