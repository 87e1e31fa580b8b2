# the name of a let is not in scope in its own value
let f = 5
fn g() {
  let f = f + 1
  f
}
print(g())  # expect: 6
