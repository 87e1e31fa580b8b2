let a = 2
print(1 < a < 3)  # expect error: E0016
