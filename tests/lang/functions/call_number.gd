let x = 3
print(x(1))  # expect error: E0202
