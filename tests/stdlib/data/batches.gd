use data
seed(1)
let set = (x: reshape(range(0, 20), 10, 2), y: range(0, 10))
var n = 0
var total = 0
var sizes = ()
for (x, y) in data.batches(set, 4) {
  n += 1
  total += sum(y)
  sizes = (...sizes, len(y))
  assert all(x[:, 0] == 2 * y)
}
print(n, total, sizes)   # expect: 3 45 (4, 4, 2)
for b in data.batches(set, 4, shuffle: false, drop_last: true) { print(b.y) }
# expect: [0, 1, 2, 3]
# expect: [4, 5, 6, 7]
