let xs = (1, 2)
print(xs |> x -> x)  # expect error: E0015
# expect hint: parentheses
