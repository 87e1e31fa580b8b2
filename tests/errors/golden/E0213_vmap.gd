let f = vmap((x, y) -> x + y)
f([1, 2, 3], [1, 2])
