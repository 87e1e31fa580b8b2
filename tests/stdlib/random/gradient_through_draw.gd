# a draw is a constant of the derivative
seed(7)
let g = grad(x -> sum(x * normal(3)))([0, 0, 0])
seed(7)
print(all(g == normal(3)))   # expect: true
