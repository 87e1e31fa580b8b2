# a derivative that records without end stops too
# args: --max-memory 60M
# timeout: 20
fn f(x) {
  var y = x
  while true { y = sin(y) }  # expect error: E0501
  y
}
print(grad(f)(1))
