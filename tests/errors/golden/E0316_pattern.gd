let J = jacobian(x -> x^2, sparse: true)([1, 2])
print(jacobian(x -> x^2, sparse: true, pattern: J)([1, 2, 3]))
