fn f(a, a) = a  # expect error: E0115|E0103
print(f(1, 2))
