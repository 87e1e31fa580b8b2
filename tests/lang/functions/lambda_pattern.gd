let pairs = ((1, 2), (3, 4))
print(map(pairs, ((a, b)) -> a * b))  # expect: (2, 12)
fn f((a, b), c) = a + b * c
print(f((1, 2), 10))  # expect: 21
fn g((a, (b, c))) = a + b + c
print(g((1, (2, 3))))  # expect: 6
