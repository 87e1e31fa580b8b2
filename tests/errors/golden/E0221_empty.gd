let x = [1, 2, 3]
print(max(x[x > 5]))
