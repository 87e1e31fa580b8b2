fn scale(x, by) = x * by
print(3 |> scale(10))            # expect: 30
print(9 |> sqrt)                 # expect: 3
print([3, 1, 2] |> sort |> sum)  # expect: 6
print(2 |> (x -> x + 1))         # expect: 3
print(1 + 2 |> scale(2))         # expect: 6
print((1, 2, 3) |> map(x -> x * 2))  # expect: (2, 4, 6)
let f = x -> x |> scale(2)
print(f(4))                      # expect: 8
