fn f(v) {
  let k = v[0]
  [10, 20, 30][k]
}
print(vmap(f)([[0, 1], [5, 1]]))
