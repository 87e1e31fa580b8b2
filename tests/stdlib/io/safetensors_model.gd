model Net(n) {
  param W[n] = 1
  state seen = 0
  let k = 2
  fn (x) { seen += 1; sum(W * x) * k }
}
var net = Net(2)
net([1, 1])
net.W = [5, 6]
save("net.safetensors", net)
let back = load("net.safetensors")
print(back.W, back.seen)        # expect: [5, 6] 1
