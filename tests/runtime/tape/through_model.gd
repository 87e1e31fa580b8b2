model Lin(n) {
  param w[n] = 2
  param b = 1
  let k = 10
  fn (x) = k * sum(w * x) + b
}
let m = Lin(2)
let g = grad(q -> q([1, 3]) ^ 2)(m)
# value 81, d/dw = 2 * 81 * 10 * x
print(g.w, g.b, g.k)  # expect: [1620, 4860] 162 nil
