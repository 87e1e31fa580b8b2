print(vmap(x -> "{x}")([1, 2]))
