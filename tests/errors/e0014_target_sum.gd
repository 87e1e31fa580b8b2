var x = 1
x + 1 = 2  # expect error: E0014
