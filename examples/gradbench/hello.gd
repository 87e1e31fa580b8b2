# hello.gd: the smallest evaluation, a square and the derivative of it.
fn square(x) = x * x
fn double(x) = square'(x)
