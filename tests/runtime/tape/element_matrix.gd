# a matrix filled and updated element by element
fn f(x) {
  var A = zeros(20, 20)
  for i in 0..20 {
    for j in 0..20 {
      A[i, j] = x[i] * x[j]
      A[i, j] += 1
    }
  }
  sum(A @ x)
}
print(check_grad(f, range(0, 20) / 20).error < 1e-8)  # expect: true
