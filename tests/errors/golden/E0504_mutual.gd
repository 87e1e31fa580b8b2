fn even(n) = if n == 0 { true } else { not odd(n - 1) }
fn odd(n) = if n == 0 { false } else { not even(n - 1) }
print(even(0.5))
