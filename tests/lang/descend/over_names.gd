# items keep their names
use data
let set = (x: [1, 2, 3, 4], y: [2, 4, 6, 8])
var w = 0
descend w over b in data.batches(set, 4, epochs: 60, shuffle: false) using gd(lr: 0.05) {
  mean((w * b.x - b.y) ^ 2)
}
print(w)   # expect~ 2 1e-6
