fn compose(f, g) = x -> f(g(x))
fn scale(k) = x -> k * x
print(grad(compose(sin, scale(3)))(0))      # expect: 3
print(grad(k -> compose(scale(k), x -> x ^ 2)(5))(1))  # expect: 25
print(grad(k -> fold((a, x) -> a * k + x, 0, (1, 2, 3)))(2))  # expect: 6
