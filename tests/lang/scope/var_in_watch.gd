# watch may assign variables outside it
fn run() {
  var w = 1
  var best = 100
  var log = ()
  descend w using gd(lr: 0.25) for 4 { w ^ 2 } watch every 1 {
    log = push(log, w)
    if w < best { best = w }
  }
  (best, log)
}
print(run())   # expect: (0.0625, (0.5, 0.25, 0.125, 0.0625))
