let (v, g) = value_and_grad(x -> sum(x ^ 2))([3, 4])
print(v, g)  # expect: 25 [6, 8]
let (pair, g2) = value_and_grad(x -> (x ^ 2, "extra {1}"), aux: true)(5)
print(pair, g2)  # expect: (25, "extra 1") 10
