var a = 1
var b = 2
(a, b) = (b, a)
print(a, b)   # expect: 2 1
var x = [1, 2, 3]
(x[0], x[2]) = (x[2], x[0])
print(x)      # expect: [3, 2, 1]
var r = (p: "p", q: "q")
(r.p, r.q) = (r.q, r.p)
print(r)      # expect: (p: "q", q: "p")
var c = 0
(a, (b, c)) = (7, (8, 9))
print(a, b, c)  # expect: 7 8 9
