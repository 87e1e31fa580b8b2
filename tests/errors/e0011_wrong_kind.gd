let x = (1, 2]  # expect error: E0011
print(3)
