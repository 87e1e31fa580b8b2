# calls with many arguments, by name and with defaults
fn add(...xs) = sum(x for x in xs)
print(add(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20))  # expect: 210
fn named(a, b: 2, c: 3, d: 4) = "{a} {b} {c} {d}"
print(named(1), named(1, d: 5), named(d: 1, a: 2), named(1, 9, c: 8))  # expect: 1 2 3 4 1 2 3 5 2 2 3 1 1 9 8 4
fn fact(n) = if n < 2 { 1 } else { n * fact(n: n - 1) }
print(fact(10))  # expect: 3628800
