# through a part, a list of parts, and called from a method of the whole
model Norm(k) {
  state seen = 0
  fn (x) { seen += k; x }
}
model Net(n) {
  let norm = Norm(1)
  let body = (Norm(10 ^ (i + 1)) for i in 0..2)
  fn (x) {
    let h = norm(x)
    let h1 = body[0](h)
    body[1](h1)
  }
}
var net = Net(1)
net([1])
net([1])
print(net.norm.seen, net.body[0].seen, net.body[1].seen)  # expect: 2 20 200
net.norm([1])
print(net.norm.seen)   # expect: 3
