# vars of the top level: in loops, captured, in tests, handed to a module
var n = 0
let before = () -> n
for i in 0..5 { n += i }
let after = () -> n
print(n, before(), after())  # expect: 10 0 10
var (p, q) = (1, 2)
while p < 100 { (p, q) = (q, p + q) }
print(p, q)                  # expect: 144 233
var list = ()
for i in 0..3 { list = (...list, i, len(list)) }
print(list)                  # expect: (0, 0, 1, 2, 2, 4)
if n > 5 { var n = 1; n += 1; print(n) }  # expect: 2
print(n)                     # expect: 10
var m = (x: (y: 1))
m.x.y += n
print(m)                     # expect: (x: (y: 11))
