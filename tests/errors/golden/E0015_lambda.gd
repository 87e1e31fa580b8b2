let squares = (1, 2, 3) |> x -> x^2
