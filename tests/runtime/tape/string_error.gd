print(grad(x -> 1)("text"))  # expect error: E0301
