# all parameters move, states and fixed values stay
model Net(n) {
  param W[n] = 1
  param b = 0
  state s = 7
  let k = 3
  fn (x) = sum(W * x) * k + b
}
var net = Net(2)
descend net using gd(lr: 0.1) for 1 { net([1, 2]) }
print(norm(net.W - [0.7, 0.4]) < 1e-12, abs(net.b + 0.1) < 1e-12)  # expect: true true
print(net.s, net.k)   # expect: 7 3
