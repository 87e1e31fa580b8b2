fn depth(n) = 1 + depth(n - 1)
print(depth(10))
