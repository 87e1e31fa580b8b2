print(grad(k -> sum(map((1, 2, 3), x -> k * x)))(5))   # expect: 6
print(grad(k -> fold((h, x) -> 0.5 * h + k * x, 0, [1, 2, 4]))(3))  # expect: 5.25
