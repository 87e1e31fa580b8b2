# a function returned out of a derivative carries no perturbation
let (r, g) = value_and_grad(x -> (x ^ 2, () -> x * 3), aux: true)(4)
print(r[1](), g)  # expect: 12 8
