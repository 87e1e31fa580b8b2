print(value_and_grad((a, b) -> a * b, wrt: (0, 1))(2, 3))  # expect: (6, (3, 2))
print(value_and_grad(x -> 5)(2))                            # expect: (5, 0)
print(try { value_and_grad(x -> x, aux: true)(2) } catch e { e.code })  # expect: E0304
# aux keeps outer levels and loses its own
print(grad(a -> value_and_grad(x -> (x * a, (x, a)), aux: true)(3)[0][1][1] ^ 2)(5))  # expect: 10
