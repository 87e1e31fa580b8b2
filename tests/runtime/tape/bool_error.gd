print(grad(x -> sum(x * 1.0))([true, false]))  # expect error: E0302
