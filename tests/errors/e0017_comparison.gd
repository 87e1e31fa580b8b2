var x = 1
x == 3  # expect error: E0017
print(x)
