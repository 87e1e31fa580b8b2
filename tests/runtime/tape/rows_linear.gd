# a loop over the rows of a traced matrix costs what the matrix holds, not its square
# timeout: 20
fn f(M) {
  var s = 0
  for r in M { s += sum(r * r) }
  s
}
let M = ones(3000, 300)
let g = grad(f)(M)
print(sum(g), g.shape)  # expect: 1800000 (3000, 300)
