# 10^6 recorded operations
# timeout: 15
fn f(x) {
  var y = x
  for i in 0..500_000 { y = y * 1.000001 + 0.000001 }
  y
}
print(grad(f)(1))  # expect~ 1.6487208589 1e-6
