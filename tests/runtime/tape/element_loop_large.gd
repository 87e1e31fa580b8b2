# each element written and read once: linear time
# timeout: 10
fn f(x) {
  var y = zeros(20_000)
  for i in 1..20_000 {
    y[i] = y[i - 1] * 0.5 + x[i]
  }
  y[19_999]
}
let g = grad(f)(ones(20_000))
print(g[19_999], g[19_998], g[19_997])  # expect: 1 0.5 0.25
