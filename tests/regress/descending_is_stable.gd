print(sorted(("a1", "b1", "a2", "b2"), by: s -> s[0], descending: true))   # expect: ("b1", "b2", "a1", "a2")
print(sorted((3, 1, 2), descending: true))                                 # expect: (3, 2, 1)
