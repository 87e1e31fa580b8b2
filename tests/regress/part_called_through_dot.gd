# m.part(x) and r.net(x) write the part's state back into the whole
model Sum() {
  state n = 0
  fn (x) { n = n + x; n }
}
model Whole() {
  let part = Sum()
  fn go(x) = part(x)
}
var m = Whole()
let copy = m
print(m.part(2), m.part(2), m.part.n)    # expect: 2 4 4
print(m.go(10), m.part.n, copy.part.n)   # expect: 14 14 0
var r = (net: Sum(), k: 1)
print(r.net(3), r.net(3), r.net.n)       # expect: 3 6 6
