# m - 0.1 * g keeps what is not trained
model M(n) {
  param w[n] = 1
  state seen = 5
  let name = "kept"
}
let m = M(2)
let g = grad(q -> sum(q.w ^ 2))(m)
print(g.w)        # expect: [2, 2]
print(g.seen, g.name)  # expect: nil nil
let m2 = m - 0.25 * g
print(m2.w, m2.seen, m2.name)  # expect: [0.5, 0.5] 5 kept
