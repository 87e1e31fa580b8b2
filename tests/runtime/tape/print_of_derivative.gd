# a derivative is a function like any other
let fs = map((sin, cos, exp), f -> grad(f))
print(fs[0](0), fs[2](0))       # expect: 1 1
let g = (x -> x ^ 2)'
print(map((1, 2, 3), g))        # expect: (2, 4, 6)
print([g(i) for i in 0..4])     # expect: [0, 2, 4, 6]
