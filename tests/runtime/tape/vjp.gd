let (y, pull) = vjp(x -> x ^ 2, [1, 2, 3])
print(y)                 # expect: [1, 4, 9]
print(pull([1, 0, 10]))  # expect: [2, 0, 60]
let (z, pull2) = vjp((a, b) -> a * b, 3, 4)
print(z, pull2(1))       # expect: 12 (4, 3)
print(pull2(10))         # expect: (40, 30)
let (w, pull3) = vjp(x -> (x ^ 2, 3 * x), 2)
print(w, pull3((1, 1)))  # expect: (4, 6) 7
