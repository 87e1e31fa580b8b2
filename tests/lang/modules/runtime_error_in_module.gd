use "lib/failing.gd" as m
print(m.at([1, 2], 1))  # expect: 2
print(m.at([1, 2], 5))
# expect error in failing.gd:2: E0211
