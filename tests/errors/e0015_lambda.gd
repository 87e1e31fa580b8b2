let ys = (1, 2) |> x -> x  # expect error: E0015
