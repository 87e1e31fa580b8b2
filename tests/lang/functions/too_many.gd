fn f(a, b) = a
print(f(1, 2, 3))  # expect error: E0203
