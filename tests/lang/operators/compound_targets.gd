var x = [1, 2, 3]
x[1] += 10
print(x)          # expect: [1, 12, 3]
x[0:2] *= 2
print(x)          # expect: [2, 24, 3]
var r = (a: 1, b: (c: [1, 2]))
r.a -= 4
r.b.c[1] ^= 3
print(r.a, r.b.c) # expect: -3 [1, 8]
var xs = ([1, 2], "s")
xs[0][0] += 0.5
xs[1] += "t"
print(xs)         # expect: ([1.5, 2], "st")
x[x > 2] = 0
print(x)          # expect: [2, 0, 0]
