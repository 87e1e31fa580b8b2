print(grad(x -> "a")(1))  # expect error: E0301|E0304
