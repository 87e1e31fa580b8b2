fn f(a, b) = a
print(f(1))  # expect error: E0203
