# a value that contains a copy of itself is no cycle
var l = (1, 2)
l[1] = l
print(l)  # expect: (1, (1, 2))
l = (l, l)
print(l)  # expect: ((1, (1, 2)), (1, (1, 2)))
var x = [1, 2, 3]
x[0:2] = x[1:3]
print(x)  # expect: [2, 3, 3]
x = [1, 2, 3, 4]
x[1:4] = x[0:3]
print(x)  # expect: [1, 1, 2, 3]
x[:] = x[::-1]
print(x)  # expect: [3, 2, 1, 1]
