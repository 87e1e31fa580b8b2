let t = (a: [1, 4], b: (9, 16))
print(map_leaves(t, sqrt))  # expect: (a: [1, 2], b: (3, 4))
print(map((1, 4), sqrt))    # expect: (1, 2)
