let x = 0xzz  # expect error: E0002
print(x)
