print(grad(x -> x ^ 2)(0))     # expect: 0
print(grad(x -> x ^ 1)(0))     # expect: 1
print(grad(x -> x ^ 0)(0))     # expect: 0
print(grad(x -> (x - 3) ^ 2)(1))  # expect: -4
print(grad(x -> sum(x ^ 3))([-2, 0, 2]))  # expect: [12, 0, 12]
print((v for v in grad(x -> sum([2, 3] ^ x))([1, 0])))  # expect~ (1.3862943611198906, 1.0986122886681098) 1e-12
