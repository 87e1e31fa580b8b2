# Several descends, one of them in a function that is called several times and keeps variables of its own; `momentum`.
fn fit(a, rate) {
  var w = [0, 0]
  var worst = 0
  var turns = 0
  let report = descend w using sgd(lr: rate, momentum: 0.9) for 12 { sum((w - a)^2) + 0.01 * sum(normal(2) * w) } watch every 5 {
    worst = max(worst, loss)
    turns += 1
    save("{rate}-{step}.snapshot.safetensors", snapshot())
  }
  (w: w, worst: worst, turns: turns, losses: report.losses)
}
var opt = rmsprop(lr: 0.1)
var z = 4
descend z using opt for 6 { z^2 } watch every 2 { save("z{step}.snapshot.safetensors", snapshot()) }
let fits = (fit([1, r * 100], r) for r in (0.01, 0.05, 0.02))
let second = descend z using opt for 6 { (z - 1)^2 } watch every 4 { z = z * 0.99; save("y{step}.snapshot.safetensors", snapshot()) }
save("final.safetensors", (fits: fits, z: z, second: second.losses))
