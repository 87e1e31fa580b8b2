# outside training dropout is the identity
print(all(dropout([1, 2, 3], 0.9) == [1, 2, 3]))  # expect: true
