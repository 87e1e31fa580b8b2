fn f(x) {
  var s = 0
  var t = 1
  for k in 1..30 {
    s += t
    t = t * x / k
  }
  s
}
print(f'(1))   # expect~ 2.718281828459045 1e-12
print(f''(1))  # expect~ 2.718281828459045 1e-12
