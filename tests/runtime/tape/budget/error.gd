# an error in a part is where it was
# args: --tape-memory 200K
fn step(y, i) = if i == 30_000 { error("here") } else { sin(y) }   # expect error: E0224
fn f(x) {
  var y = x
  for i in 0..40_000 { y = step(y, i) + x }
  y
}
fn g(x) = try { f(x) } catch e { x * e.line }
print(grad(g)(0.7))   # expect: 3
grad(f)(0.7)
