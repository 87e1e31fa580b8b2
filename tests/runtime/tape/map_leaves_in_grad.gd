print(grad(p -> sum(map_leaves(p, x -> x ^ 2).a))((a: [1, 2], b: [3])))  # expect: (a: [2, 4], b: [0])
