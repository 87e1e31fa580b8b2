let x = [1, 2, 3]
print(type(sum(x)), type(x[0]), type(all(x > 0)), type((x > 0)[1]))  # expect: number number bool bool
print(x.shape, [[1, 2, 3]].shape)  # expect: (3,) (1, 3)
print(sum([[1, 2], [3, 4]]))  # expect: 10
