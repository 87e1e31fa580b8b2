fn squares(x) = x^2
print(grad(squares)([1, 2]))
