let x = 4
  |> sqrt
  # a comment between the lines
  |> (x -> x + 1)

  |> str
print(x + "!")  # expect: 3!
