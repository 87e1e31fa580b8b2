# a tensor comes apart along its first axis, as in a for loop
for (i, row) in enumerate([[1, 2], [3, 4]]) { print(i, row) }
# expect: 0 [1, 2]
# expect: 1 [3, 4]
