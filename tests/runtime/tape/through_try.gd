fn f(x) {
  try {
    if x > 100 { error("big") }
    x ^ 2
  } catch e { 3 * x }
}
print(grad(f)(5), grad(f)(200))  # expect: 10 3
