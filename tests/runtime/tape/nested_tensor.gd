# Hessian-vector product of sum(x^4): 12 x^2 v
let x = [1, 2, 3]
let v = [1, 0.5, 2]
print(grad(x -> sum(grad(y -> sum(y ^ 4))(x) * v))(x))  # expect: [12, 24, 216]
