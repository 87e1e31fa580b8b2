let x = 3.  # expect error: E0002|E0010
print(x)
