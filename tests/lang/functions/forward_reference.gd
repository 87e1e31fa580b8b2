let base = 3
print(later(3))  # expect: 19
fn later(x) = helper(x) * 2 + Extra(1).n
fn helper(x) = x * base
model Extra(k) {
  let n = k
}
