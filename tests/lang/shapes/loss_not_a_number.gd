loss l(x, y) = (x - y) ^ 2  # expect error: E0225
print(l([1, 2], [1, 4]))
# expect hint: mean
# expect hint: called from
