# stops: E0211 E0210 E0201
print([1, 2][2^63])
