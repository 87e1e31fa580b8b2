var w = 1
var trace = ()
descend w using gd(lr: 0.1) for 6 { w ^ 2 } watch every 2 {
  trace = (...trace, step)
}
print(trace)             # expect: (2, 4, 6)
