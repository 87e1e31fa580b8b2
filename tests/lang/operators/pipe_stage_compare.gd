# |> is looser than comparison and `or`
let x = 2
print(x == 2 |> str)   # expect: true
print(false or x == 3 |> str)  # expect: false
