var x = [1, 2]
var l = (x, x)
x[0] = 9
print(l)  # expect: ([1, 2], [1, 2])
l[0][1] = 7
print(l)  # expect: ([1, 7], [1, 2])
print(x)  # expect: [9, 2]
let m = l
l[1] = "s"
print(m)  # expect: ([1, 7], [1, 2])
print(l)  # expect: ([1, 7], "s")
