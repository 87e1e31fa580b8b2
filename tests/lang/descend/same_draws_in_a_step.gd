# all evaluations of one step draw the same random numbers, so a line search can work
seed(3)
var w = [5, 5]
let r = descend w using lbfgs() for 30 { sum((w - 1) ^ 2) + 0.001 * sum(normal(2)) }
print(all(abs(w - 1) < 1e-3))  # expect: true
