let a = 2
assert 1 < a < 3
