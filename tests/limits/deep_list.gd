# a list 100,000 deep is built, compared and released without harm
var l = ()
for i in 0..100_000 { l = (l,) }
let m = l
print(len(l))   # expect: 1
print(l == m)   # expect: true
l = ()
print(len(m))   # expect: 1
