print(grad(x -> x ^ 2)([1, 2]))  # expect error: E0304
# expect hint: sum
