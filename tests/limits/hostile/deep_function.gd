# stops: E0504 E0501
fn f(n) = 1 + f(n + 1)
print(f(0))
