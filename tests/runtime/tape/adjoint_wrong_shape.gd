fn g(x) = sum(x)
adjoint g(x, y, dy) = [1, 2] * dy
print(grad(g)([1, 2, 3]))
# exit: 1
# expect error in adjoint_wrong_shape.gd:3: E0305
