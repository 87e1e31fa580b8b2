fn change(x) {
  var y = x
  y[0] = 100
  y
}
var x = [1, 2]
let z = change(x)
print(x)  # expect: [1, 2]
print(z)  # expect: [100, 2]
fn change_list(r) {
  var q = r
  q.a[0] = 5
  q.b = "new"
  q
}
let r = (a: [1], b: "old")
print(change_list(r))  # expect: (a: [5], b: "new")
print(r)               # expect: (a: [1], b: "old")
