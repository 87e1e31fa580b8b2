fn f(...a, b) = b  # expect error: E0115
print(f(1, 2))
