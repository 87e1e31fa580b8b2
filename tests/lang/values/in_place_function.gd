# the same inside a function that owns its variable, and when handed on and back
# timeout: 10
fn fill(x, n) {
  var y = x
  for i in 0..n { y[i] = 2 * i }
  y
}
print(sum(fill(zeros(500_000), 500_000)))  # expect: 249999500000
fn bump(x, i) {
  var y = x
  y[i] += 1
  y
}
fn many(n) {
  var z = zeros(n)
  for i in 0..n { z = bump(z, i) }
  sum(z)
}
print(many(200_000))  # expect: 200000
