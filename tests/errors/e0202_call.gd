let xs = [1, 2]
print(xs(0))  # expect error: E0202
