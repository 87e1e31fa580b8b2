# parameters have paths: what is saved is named by them
use data
model Layer(n) {
  param W[n] = 1
}
model Net(k) {
  let body = (Layer(2), Layer(3))
  let head = Layer(4)
}
save("net.safetensors", Net(0))
let raw = load("net.safetensors")
print(raw.body[1].W, raw.head.W.shape)  # expect: [1, 1, 1] (4,)
