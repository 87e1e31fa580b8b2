print(grad(x -> x ^ 3)(2))           # expect: 12
print(grad(x -> 3 * x + 1)(10))      # expect: 3
print(grad(x -> sum(x ^ 2))([1, 2])) # expect: [2, 4]
fn f(x) = x ^ 2 + 2 * x
print(f'(3))                         # expect: 8
print(f''(3))                        # expect: 2
print((x -> x ^ 4)'(1))              # expect: 4
print(sin'(0))                       # expect: 1
print(grad(x -> 1 / x)(2))           # expect: -0.25
print(grad(x -> x ^ x)(1))           # expect: 1
print(grad(x -> 2 ^ x)(0))           # expect~ 0.6931471805599453 1e-14
