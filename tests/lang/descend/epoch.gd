use data
let set = (x: range(0, 8), y: range(0, 8))
var w = 0
var epochs = ()
descend w over (x, y) in data.batches(set, 4, epochs: 3) using gd(lr: 0.001) {
  mean((w * x - y) ^ 2)
} watch every 2 { epochs = (...epochs, epoch) }
print(len(epochs), epochs[2] - epochs[0])  # expect: 3 2
