for v in [1.5, 2] { print(v) }
# expect: 1.5
# expect: 2
for row in [[1, 2], [3, 4]] { print(row) }
# expect: [1, 2]
# expect: [3, 4]
for (a, b) in ((1, 2), (3, 4)) { print(a + b) }
# expect: 3
# expect: 7
