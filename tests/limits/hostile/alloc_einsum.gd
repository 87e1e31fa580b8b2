# stops: E0501
let a = ones(200)
print(einsum("a,b,c,d,e->abcde", a, a, a, a, a)[0, 0, 0, 0, 0])
