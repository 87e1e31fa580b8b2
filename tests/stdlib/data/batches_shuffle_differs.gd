# each epoch has an order of its own, and a seed repeats it
use data
let set = (x: range(0, 50), y: range(0, 50))
fn orders() {
  seed(9)
  concat((y for (x, y) in data.batches(set, 50, epochs: 2)))
}
let a = orders()
print(all(a == orders()))        # expect: true
print(all(a[:50] == a[50:]))     # expect: false
