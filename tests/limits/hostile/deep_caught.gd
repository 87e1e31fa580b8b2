# stops: E0504 E0501 E0503
fn f(n) = try { f(n + 1) } catch e { f(n + 1) }
print(f(0))
