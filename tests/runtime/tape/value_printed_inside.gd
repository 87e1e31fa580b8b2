# printing and branching inside see plain values
fn f(x) {
  print(x, "{x}", x > 1)
  let s = if x > 1 { x ^ 2 } else { x }
  s
}
print(grad(f)(3))
# expect: 3 3 true
# expect: 6
