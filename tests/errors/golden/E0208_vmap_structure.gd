print(vmap(x -> if x > 1 { (1, 2) } else { (3,) })([1, 2]))
