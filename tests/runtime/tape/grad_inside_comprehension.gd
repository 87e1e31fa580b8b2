fn f(x, a) = a * x ^ 2
print([grad(f)(2, a) for a in 0..4])                       # expect: [0, 4, 8, 12]
print(grad(k -> sum(grad(f)(k, a) for a in 0..4))(1))      # expect: 12
