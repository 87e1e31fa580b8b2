print(root(x -> x^2 + 1, (0, 2)))
