# rows taken by the loader carry derivatives
use data
fn f(x) {
  var total = 0
  for b in data.batches((x: x), 2, shuffle: false) { total += sum(b.x ^ 2) }
  total
}
print(grad(f)([1, 2, 3]))    # expect: [2, 4, 6]
