# numbers in a list that belongs to a model are not trained: arithmetic leaves them alone
model M() {
  param w = [1, 2]
  let sizes = (3, 4)
  let other = 2
  fn (x) = w * x
}
let m = M()
let g = grad(q -> sum(q(3)))(m)
let n = m - 0.1 * g
print(n.sizes, n.other)                    # expect: (3, 4) 2
print((v for v in n.w))                    # expect~ (0.7, 1.7) 1e-12
print((m * 2).sizes, (2 * m).w, (-m).w)    # expect: (3, 4) [2, 4] [-1, -2]
print((1 - m).sizes, (m ^ 2).w)            # expect: (3, 4) [1, 4]
