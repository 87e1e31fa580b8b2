print()                  # expect:
print(1, "a", nil, true) # expect: 1 a nil true
print(("a", 1))          # expect: ("a", 1)
print([1.5, -2])         # expect: [1.5, -2]
print([true, false])     # expect: [true, false]
print(zeros(0).shape)    # expect: (0,)
print("a\nb")
# expect: a
# expect: b
