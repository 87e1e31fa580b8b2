let x = 1
x = 2   # expect error: E0104
x += 1  # expect error: E0104
