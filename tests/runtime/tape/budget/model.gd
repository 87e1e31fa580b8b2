# a recurrent model of 3000 turns, whose recording would take some 15 megabytes and more: parameters in R[0]
# args: --tape-memory 1M --max-memory 60M
# timeout: 60
model Cell(n) {
  param w[n, n] = normal
  fn (x) {
    var h = x
    for i in 0..3000 { h = tanh(0.1 * w @ h) + x }
    sum(h)
  }
}
seed(1)
let c = Cell(30)
let x = normal(30)
let dx = normal(30)
print(abs(sum(grad(c)(x) * dx) / jvp(c, x, dx)[1] - 1) < 1e-10)   # expect: true
print(norm(grad(m -> m(x))(c).w) > 0)                              # expect: true
