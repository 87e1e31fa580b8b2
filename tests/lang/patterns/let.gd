let (a, b) = (1, 2)
print(a, b)      # expect: 1 2
let (c, (d, e)) = (3, (4, 5))
print(c, d, e)   # expect: 3 4 5
var (p, q) = (6, 7)
p = p + q
print(p, q)      # expect: 13 7
let (x, y) = (x: 8, y: 9)
print(x, y)      # expect: 8 9
let (one,) = (1,)
print(one)       # expect: 1
