# one step for each item
var w = 0
var seen = 0
let r = descend w over (x, y) in ((1, 2), (3, 4), (5, 6)) using gd(lr: 1) {
  -w * (x + y)
} watch every 1 { seen += 1 }
print(w, r.steps, seen)  # expect: 21 3 3
