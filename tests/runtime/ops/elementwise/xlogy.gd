# source: SciPy 1.10.1, xlogy
print(xlogy([0, 1, 2], [0, 2, 3])[0])                 # expect: 0
print((v for v in xlogy([0, 1, 2], [0, 2, 3])))       # expect~ (0, 0.6931471805599453, 2.1972245773362196) 1e-12
print(grad(x -> sum(xlogy(x, [1, 2])))([0, 3])[0])    # expect: 0
