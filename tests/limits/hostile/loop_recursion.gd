# stops: E0503 E0504
fn fib(n) = if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
print(fib(60))
