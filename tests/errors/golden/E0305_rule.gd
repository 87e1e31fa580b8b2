fn cube(x) = x^3
adjoint cube(x, y, dy) = [1, 2, 3]
print(grad(x -> sum(cube(x)))([1, 2]))
