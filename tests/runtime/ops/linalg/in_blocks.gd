# Above 1024 rows Cholesky and LU go on by blocks of columns: by what they are the factors of.
seed(1)
for n in (1024, 1025, 1300) {
  let a = normal(n, n)
  let s = a @ a' / n + eye(n)
  let L = cholesky(s)
  let b = normal(n, 2)
  assert max(abs(L @ L' - s)) < 1e-11 and all(triu(L, 1) == 0)
  assert max(abs(a @ solve(a, b) - b)) < 1e-7
  assert abs(slogdet(s)[1] - 2 * sum(log(diag(L)))) < 1e-7
  assert max(abs((s as f32) @ solve(s as f32, b as f32) - b)) < 1e-2
  try { cholesky(s - 3 * diag(where(range(n) == n - 2, 1, 0))) } catch e { print(e.message) }
}
# expect: the matrix [1024, 1024] is not positive definite: its leading 1023 by 1023 part is not
# expect: the matrix [1025, 1025] is not positive definite: its leading 1024 by 1024 part is not
# expect: the matrix [1300, 1300] is not positive definite: its leading 1299 by 1299 part is not
