fn positive(x) = if x > 0 { x } else { error("x must be positive, not {x}") }
print(positive(-2))
