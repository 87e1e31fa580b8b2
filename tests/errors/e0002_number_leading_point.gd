let x = .5  # expect error: E0002
print(x)
