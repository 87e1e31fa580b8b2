# A shuffled loader, batch norm (states), dropout (draws), a schedule, a transform, a model with a function in it.
use nn
use data

model Net(hidden, act) {
  let norm = nn.BatchNorm(hidden)
  param W[3, hidden] = he()
  param b[hidden] = 0
  param V[hidden, 2] = he()
  state calls = 0
  fn (x[n, 3]) -> [n, 2] = {
    calls = calls + 1
    dropout(act(norm(x @ W + b)), 0.2) @ V
  }
}
let x = normal(90, 3)
let y = argmax(x @ normal(3, 2), axis: 1)
var net = Net(8, x -> tanh(x))
var best = nil
var least = inf
var seen = ()
let report = descend net over (x, y) in data.batches((x: x, y: y), 8, epochs: 4, drop_last: true)
    using adam(lr: cosine(0.05, steps: 40)), clip_norm(1.5) {
  cross_entropy(net(x), y) + 1e-3 * sum(net.W^2)
} watch every 7 {
  let held = cross_entropy(net(x), y)
  seen = push(seen, held)
  save("{step}.snapshot.safetensors", snapshot())
  if held < least { least = held; best = net }
  print("step {step} epoch {epoch} held {held} draw {uniform(1)}")
}
print(report.steps, report.losses, report.loss, report.gnorm, report.why)
print(net.W, net.norm, net.calls, best.W, best.V, seen, normal(3))
save("final.safetensors", (net: net.W, norm: net.norm, calls: net.calls, best: best.V, seen: seen, losses: report.losses, gnorm: report.gnorm, next: normal(3)))
