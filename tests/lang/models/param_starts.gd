# start values: a number, a tensor, an initialiser, an expression of the arguments
model M(n, k) {
  param a[n] = k
  param b[n, 2] = he()
  param c = 2.5
  param d[n] = range(0, n)
  param e = [1, 2, 3]
}
let m = M(4, 3)
print(m.a, m.b.shape, m.c, m.d, m.e)  # expect: [3, 3, 3, 3] (4, 2) 2.5 [0, 1, 2, 3] [1, 2, 3]
