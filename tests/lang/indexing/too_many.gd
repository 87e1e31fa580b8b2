let x = [1, 2, 3]
print(x[0, 0])  # expect error: E0211|E0212|E0226
