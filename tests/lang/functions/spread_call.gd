fn f(a, b, c) = "{a} {b} {c}"
let xs = (1, 2)
print(f(...xs, 3))    # expect: 1 2 3
print(f(0, ...xs))    # expect: 0 1 2
let named = (b: 5, c: 6)
print(f(1, ...named)) # expect: 1 5 6
