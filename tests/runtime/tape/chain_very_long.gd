# 4 * 10^6 recorded operations: no recursion, linear memory
# timeout: 60
fn f(x) {
  var y = x
  for i in 0..2_000_000 { y = y * 1.0000001 + 1e-9 }
  y
}
print(grad(f)(1))              # expect~ 1.2214027459 1e-6
print(grad(x -> f(x) ^ 2)(1))  # expect~ 2.9885 1e-2
