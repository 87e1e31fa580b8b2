print(vmap((x, y) -> x * y)([1, 2, 3], 10))
