let xs = (3, 1, 2)
print(map(xs, x -> x * 2))         # expect: (6, 2, 4)
print(filter(xs, x -> x > 1))      # expect: (3, 2)
print(sorted(xs))                  # expect: (1, 2, 3)
print(reversed(xs))                # expect: (2, 1, 3)
print(push(xs, 9))                 # expect: (3, 1, 2, 9)
print(fold((a, x) -> a - x, 10, xs))  # expect: 4
print(index_of(xs, 2))             # expect: 2
print(keys((a: 1, b: 2)))          # expect: ("a", "b")
for (i, x) in enumerate(("p", "q")) { print(i, x) }
# expect: 0 p
# expect: 1 q
for (a, b) in zip((1, 2), ("x", "y")) { print(a, b) }
# expect: 1 x
# expect: 2 y
print(sorted(("b", "c", "a")))     # expect: ("a", "b", "c")
