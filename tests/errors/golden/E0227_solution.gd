fn nearest(a) = sum(minimize(x -> (x[0] + x[1] - a)^2, [0, 0]))
print(nearest'(3))
