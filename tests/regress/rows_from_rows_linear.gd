# A table that is filled row by row from its earlier rows is differentiated in time linear in its size: the slices that
# the tape keeps pin no storage, and cotangents are added to in place. (Quadratic, this took half an hour.)
# args: --max-memory 1G
# timeout: 20
fn path(x, n) {
  var M = x * ones(n, 3)
  for i in 1..n { M[i] = M[i - 1] * [0.999, 1, 0.5] }
  sum(M)
}
let n = 40000
print(grad(path)(0.5, n))              # expect~ 41002 1e-9
print(grad(path)(0.5, 3))              # expect~ 7.747001 1e-12
fn walk(x, n) {
  var M = x * ones(2, n)
  for i in 1..n { M[:, i] = M[:, i - 1] * M[0, 0] }
  sum(M)
}
print(walk'(1, n))                     # expect: 1600040000
