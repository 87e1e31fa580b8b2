# stops: E0504 E0501
fn f(n) = 1 + g(n + 1)
fn g(n) = map((n,), f)[0]
print(f(0))
