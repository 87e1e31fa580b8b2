# a part that is called by name, through a pipe, through a list, from a sibling method
model Norm(k) {
  state seen = 0
  fn (x) { seen += k; x }
}
model Net(n) {
  let norm = Norm(n)
  state log = ()
  fn (x) {
    log = push(log, x)
    let h = norm(x)
    2 |> norm
    h
  }
  fn helper(x) { log = (...log, 0); x + 1 }
  fn twice(x) = helper(helper(x))
  fn copied(xs) = map(xs, x -> helper(x))  # a lambda has a copy of the model
}
var net = Net(1)
net(5)
print(net.log, net.norm.seen)              # expect: (5,) 2
print(net.twice(3), net.log)               # expect: 5 (5, 0, 0)
print(net.copied((1, 2)), len(net.log))    # expect: (2, 3) 3
net.norm(1)
print(net.norm.seen)                       # expect: 3
let r = try { net.twice("a") } catch e { e.code }
print(r, len(net.log))                     # expect: E0201 3
