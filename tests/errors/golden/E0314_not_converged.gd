let f = x -> x^2 + 1
print(root(f, 3))
