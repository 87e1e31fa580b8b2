fn p(x, n) = if n == 0 { 1 } else { x * p(x, n - 1) }
print(grad(p)(2, 5))           # expect: 80
print(grad(grad(p))(2, 5))     # expect: 160
