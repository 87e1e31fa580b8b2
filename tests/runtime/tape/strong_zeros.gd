let f = x -> sum(where(x > 0, sqrt(x), 0))
print(grad(f)([-1, 0, 4]))   # expect: [0, 0, 0.25]
let g = x -> if x > 0 { sqrt(x) } else { 0 }
print(grad(g)(0), grad(g)(-1))  # expect: 0 0
print(grad(x -> sum(where(x > 0, log(x), 0 * x)))([0, 1]))  # expect: [0, 1]
print(grad(x -> 0 * sqrt(x))(0))  # expect: 0
