# stops: E0501
var a = eye(8)
for i in 0..20 { a = kron(a, a) }
print(a[0, 0])
