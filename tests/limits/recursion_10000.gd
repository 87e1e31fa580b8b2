# ten thousand levels are fine
fn f(n) = if n == 0 { 0 } else { 1 + f(n - 1) }
print(f(10_000))  # expect: 10000
