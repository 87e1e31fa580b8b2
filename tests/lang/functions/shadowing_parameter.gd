let x = 1
fn f(x) = { let g = x -> x * 2; g(x + 1) }
print(f(10), x)  # expect: 22 1
