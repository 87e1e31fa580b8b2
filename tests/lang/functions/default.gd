fn f(x, k: 2) = x ^ k
print(f(3))        # expect: 9
print(f(3, 3))     # expect: 27
print(f(3, k: 4))  # expect: 81
print(f(k: 1, x: 7))  # expect: 7
fn g(a, b: a + 1) = (a, b)
print(g(1))        # expect: (1, 2)
