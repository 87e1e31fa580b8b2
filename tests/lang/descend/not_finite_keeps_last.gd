# T stays at the last accepted step
var w = 1
var steps = 0
try {
  descend w using gd(lr: 1) for 10 { 2 * w + 0 * sqrt(w) } watch every 1 { steps += 1 }
} catch e {
  print(e.code)  # expect: E0311
}
print(w, steps)  # expect: -1 1
