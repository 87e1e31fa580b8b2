# Newton's method on a derivative, differentiated by the parameter: argmin of (x - a)^2 is a
fn solve_for(a) {
  var x = 0
  let f = t -> (t - a) ^ 2
  for i in 0..3 { x = x - f'(x) / f''(x) }
  x
}
print(solve_for(5), grad(solve_for)(5))  # expect: 5 1
