# stops: fine E0503
# memory: 1G
# the worst case for a search that begins anew at each place
var a = "a"
for i in 0..21 { a = a + a }
var b = "a"
for i in 0..20 { b = b + b }
print(find(a, b + "b"), find(a, b[1:] + "b"), find(a, "b" + b))
