# a model as target: its parts move, its states and fixed values stay; f32 keeps its type
model Net(n) {
  param W[n] = 1
  param b = 0
  state calls = 0
  let scale = 2
  fn (x) { calls += 1; sum(W * x) * scale + b }
}
var net = Net(2)
let r = descend net using lbfgs() for 50 { (net([1, 2]) - 3)^2 + (net([2, -1]) + 1)^2 + net.b^2 }
print(r.loss < 1e-12, net.scale, net.calls > 0)   # expect: true 2 true
var w = [3, 4] as f32
descend w using lbfgs(memory: 3) for 50 { sum((w - 1)^4) + sum((w - 1)^2) }
print(w.dtype, max(abs(w - 1)) < 1e-3)            # expect: f32 true
fn inner(a) {
  var v = 1
  descend v using lbfgs() for 3 { (v - a)^2 }
  v
}
print(try { grad(inner)(2) } catch e { e.code })  # expect: E0303
