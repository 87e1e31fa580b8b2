# a generator given to a function that is not a reduction is a list
print(len(i for i in 0..5))          # expect: 5
print(type(i for i in 0..5))         # expect: list
print(join(str(i) for i in 0..3))    # expect: 012
print(sorted(3 - i for i in 0..3))   # expect: (1, 2, 3)
fn mine(xs) = xs
print(mine(i for i in 0..2))         # expect: (0, 1)
