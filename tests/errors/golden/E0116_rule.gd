adjoint soft(x, y, dy) = dy
fn cube(x) = x^3
adjoint cube(x, dy) = 3 * x^2 * dy
