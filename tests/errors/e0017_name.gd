let x = [1, 2]
x[0]  # expect error: E0017
