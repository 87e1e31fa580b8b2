# strong zeros: no rule runs where nothing comes back
fn f(x) = x
adjoint f(x, y, dy) = error("not reached")
print(grad(x -> x ^ 2 + 0 * f(x))(3))         # expect: 6
print(grad(x -> { let u = f(x)
  x })(3))                                    # expect: 1
