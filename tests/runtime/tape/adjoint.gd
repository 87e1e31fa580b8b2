fn cube(x) = x ^ 3
adjoint cube(x, y, dy) = 100 * dy
print(cube(2))             # expect: 8
print(grad(cube)(2))       # expect: 100
print(grad(x -> 2 * cube(x) + x)(2))  # expect: 201
fn f(a, b) = a * b
adjoint f(a, b, y, dy) = (dy * b + 1000, nil)
print(grad(f, wrt: (0, 1))(2, 3))     # expect: (1003, 0)
