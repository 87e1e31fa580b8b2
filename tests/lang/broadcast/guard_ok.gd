# bias, per-feature scale and [n, 1] - [1, n] pass the guard
print((zeros(4, 3) + zeros(3)).shape)      # expect: (4, 3)
print((zeros(4, 1) - zeros(1, 4)).shape)   # expect: (4, 4)
print((zeros(2, 3, 4) * zeros(3, 4)).shape)  # expect: (2, 3, 4)
print((zeros(2, 3, 4) * zeros(1, 4)).shape)  # expect: (2, 3, 4)
print((zeros(2, 3, 4) * zeros(3, 1)).shape)  # expect: (2, 3, 4)
print((zeros(2, 3, 4) * zeros(4)).shape)   # expect: (2, 3, 4)
print((zeros(3, 1) - zeros(1)).shape)      # expect: (3, 1)
