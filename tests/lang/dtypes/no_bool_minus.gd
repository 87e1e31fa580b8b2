# arithmetic of bools gives the default float
print([true, false] + 1)      # expect: [2, 1]
print(sum([true, true, false]))  # expect: 2
print(mean([true, false]))    # expect: 0.5
