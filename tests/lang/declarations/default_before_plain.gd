fn f(a: 1, b) = a  # expect error: E0115
print(f(1, 2))
