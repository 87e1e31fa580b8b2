# a default may use earlier parameters and is worked out at each call
fn f(a, b: a * 2, c: (a, b)) = c
print(f(1), f(1, 5), f(1, c: 0))   # expect: (1, 2) (1, 5) 0
