let x = [1, 2, 3]
print(x[[true, false]])  # expect error: E*
