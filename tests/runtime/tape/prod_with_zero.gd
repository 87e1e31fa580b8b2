print(grad(x -> prod(x))([2, 0, 3]))     # expect: [0, 6, 0]
print(grad(x -> prod(x))([0, 0, 3]))     # expect: [0, 0, 0]
print(grad(x -> sum(cumprod(x)))([2, 0, 3]))  # expect: [1, 8, 0]
