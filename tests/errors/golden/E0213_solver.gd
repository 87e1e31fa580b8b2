print(fixed_point(x -> [x, 1], 0))
