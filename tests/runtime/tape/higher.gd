let f = x -> x ^ 4
print(grad(grad(f))(2))              # expect: 48
print(grad(grad(grad(f)))(2))        # expect: 48
print(grad(grad(grad(grad(f))))(2))  # expect: 24
print(grad(grad(sin))(1) + sin(1))   # expect: 0
let d5 = grad(grad(grad(grad(grad(exp)))))
print(d5(0))                         # expect: 1
print(grad(x -> sum(grad(y -> sum(y ^ 3))(x)))([1, 2]))  # expect: [6, 12]
