print(grad(xs -> xs[0] * xs[1])((3, 4)))  # expect: (4, 3)
print(grad(xs -> sum(x ^ 2 for x in xs))((1, 2, 3)))  # expect: (2, 4, 6)
