fn make(k) {
  var n = k
  let f = x -> x + n
  n = n + 100
  (f, n)
}
let (f, n) = make(1)
print(f(1), n)  # expect: 2 101
fn counter() {
  var c = 5
  fn get() = c
  c = 6
  get() * 100 + c
}
print(counter())  # expect: 506
