# agrees for a right rule, and tells a wrong one
fn good(x) = sum(sin(x) * x)
print(type(check_grad(good, [1, 2, 3])) != "nil")  # expect: true
