let x = [1, 2, 3]
print(x[[0, 3]])  # expect error: E0211
