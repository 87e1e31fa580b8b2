print((1, nil) - (1, "text"))  # expect: (0, "text")
print((1, (a: true)) + (1, nil))  # expect: (2, (a: true))
