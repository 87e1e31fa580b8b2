let xs = (3, -1, 2, -5)
print((x for x in xs if x > 0))              # expect: (3, 2)
print([i for i in 0..10 if i % 3 == 0])      # expect: [0, 3, 6, 9]
print(sum(x for x in xs if x > 0))           # expect: 5
print([i for i in 0..5 if i > 9].shape)      # expect: (0,)
print(((i, j) for i in 0..3, j in 0..3 if i + j == 2))  # expect: ((0, 2), (1, 1), (2, 0))
