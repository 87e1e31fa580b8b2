loss gap(x, y) = (x - y)^2
print(gap([1, 2], [1, 4]))
