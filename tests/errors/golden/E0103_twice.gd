let rate = 0.1
fn step(x) = x
let rate = 0.2
fn step(x, y) = x
use data
use nn as data
if true {
  var n = 1
  var n = 2
  print(n)
}
