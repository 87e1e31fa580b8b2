fn h(x, ...rest) = (x, len(rest), rest)
print(h(1))           # expect: (1, 0, ())
print(h(1, 2, 3))     # expect: (1, 2, (2, 3))
fn all_of(...xs) = xs
print(all_of())       # expect: ()
print(all_of(5, 6))   # expect: (5, 6)
