model M(n) { param w[n, n] = he() }
seed(8)
let a = M(5)
seed(8)
let b = M(5)
print(all(a.w == b.w))   # expect: true
