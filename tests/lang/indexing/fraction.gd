let x = [1, 2, 3]
print(x[0.5])  # expect error: E0212
