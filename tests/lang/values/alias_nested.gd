var a = (in1: (deep: [1, 2], n: 0), other: (3, 4))
let b = a
let inner = a.in1
a.in1.deep[0] = 100
a.in1.n += 1
a.other[1] = 40
print(a)      # expect: (in1: (deep: [100, 2], n: 1), other: (3, 40))
print(b)      # expect: (in1: (deep: [1, 2], n: 0), other: (3, 4))
print(inner)  # expect: (deep: [1, 2], n: 0)
a.in1 = inner
print(a.in1 == b.in1)  # expect: true
