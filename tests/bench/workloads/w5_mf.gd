# W5: matrix factorisation: 2000 users, 3000 items, rank 32, batches of 4096 ratings, gradient descent. Sixteen batches in turn.
use nn
use data
use f32
use "clock.gd" as clock
seed(42)

model Factors() {
  param users[2000, 32] = shape -> 0.1 * normal(shape)
  param items[3000, 32] = shape -> 0.1 * normal(shape)
  fn (i, j, rating) {
    let u = users[i]
    let v = items[j]
    mean((sum(u * v, axis: 1) - rating)^2) + 1e-4 * mean(sum(u * u, axis: 1) + sum(v * v, axis: 1))
  }
}

let count = 16 * 4096
let set = (user: floor(uniform(count) * 2000) as i64, item: floor(uniform(count) * 3000) as i64, rating: normal(count))
var net = Factors()
var ends = ()
let start = time()
let report = descend net over (i, j, rating) in data.batches(set, 4096, epochs: 1e6, shuffle: false) using gd(lr: 0.1)
  until time() - start > clock.seconds {
  net(i, j, rating)
} watch every 1 {
  ends = push(ends, time())
}
clock.falls(report.losses, n: 16)
clock.report("W5_mf", ends)
