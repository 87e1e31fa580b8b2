# The same shapes again are the same plan, with other numbers too.
let x = ones(64, 64)
for k in 0..3 {
  let y = (x' * k + x) @ x
  print(sum(y[0:32]))
}
