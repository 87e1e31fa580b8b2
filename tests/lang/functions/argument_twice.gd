fn f(a, b: 1) = a
print(f(1, a: 2))  # expect error: E0204
