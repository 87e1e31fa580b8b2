let x = [1, 2, 3]
print(x["a"])  # expect error: E0212
