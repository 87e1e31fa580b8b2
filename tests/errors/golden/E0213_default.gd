let base = [1, 2]
fn shift(x, by: base * [1, 2, 3]) = x + by
print(shift(1))
