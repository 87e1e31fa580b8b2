print(())          # expect: ()
print((1,))        # expect: (1,)
print((1, 2))      # expect: (1, 2)
print((1, 2,))     # expect: (1, 2)
print((1))         # expect: 1
print(((1, 2), ()))  # expect: ((1, 2), ())
print((a: (b: 1)))   # expect: (a: (b: 1))
print(("a", nil, true, [1]))  # expect: ("a", nil, true, [1])
