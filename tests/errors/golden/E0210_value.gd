fn make(n) = linspace(0, 1, n)
print(make(-3))
