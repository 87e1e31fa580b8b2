fn f(x, y, scale: 2) = x ^ 2 * y * scale
print(grad(f)(3, 4))                    # expect: 48
print(grad(f, wrt: 1)(3, 4))            # expect: 18
print(grad(f, wrt: (0, 1))(3, 4))       # expect: (48, 18)
print(grad(f, wrt: "y")(3, 4))          # expect: 18
print(grad(f, wrt: "scale")(3, 4, scale: 5))  # expect: 36
fn g(a, b, c) = a * b * c
print(grad(g, wrt: (0, 2))(2, 3, 4))    # expect: (12, 6)
