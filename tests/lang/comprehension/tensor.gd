print([i ^ 2 for i in 0..4])                      # expect: [0, 1, 4, 9]
print([i * j for i in 0..2, j in 0..3].shape)     # expect: (2, 3)
print([i * 10 + j for i in 0..2, j in 0..3][1])   # expect: [10, 11, 12]
print([[i, 2 * i] for i in 0..3].shape)           # expect: (3, 2)
print([x * 2 for x in [1, 2, 3]])                 # expect: [2, 4, 6]
print([x for x in (5, 6)])                        # expect: [5, 6]
print([i for i in 0..0].shape)                    # expect: (0,)
print([i for i in 1..=3])                         # expect: [1, 2, 3]
print([row[0] + row[1] for row in [[1, 2], [3, 4]]])  # expect: [3, 7]
