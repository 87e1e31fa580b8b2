use data
seed(1)
let set = (x: range(0, 6), y: range(0, 6))
var seen = zeros(6)
var n = 0
for (x, y) in data.batches(set, 2, epochs: 3) {
  n += 1
  for v in y { seen[v] += 1 }
}
print(n, seen)   # expect: 9 [3, 3, 3, 3, 3, 3]
