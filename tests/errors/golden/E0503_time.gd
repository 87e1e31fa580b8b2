# args: --time-limit 0.2
fn forever(x) {
  var y = x
  while true { y = sin(y) }
}
forever(1)
