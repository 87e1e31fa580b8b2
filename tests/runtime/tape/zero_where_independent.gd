print(grad(x -> 5)(2))                     # expect: 0
print(grad(x -> sum([1, 2]))([1, 2, 3]))   # expect: [0, 0, 0]
print(grad(q -> q.a)((a: 1, b: [1, 2])))   # expect: (a: 1, b: [0, 0])
