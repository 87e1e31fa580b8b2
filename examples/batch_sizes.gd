# batch_sizes.gd: five passes over the same data, cut into batches of three sizes.
#
# One learns what a batch is for. The gradient of all rows is exact but moves only once a pass;
# that of one row is noisy and moves at every row; a mini-batch lies between, and is usual.
use data
seed(5)

let tumours = data.csv(here("data/wdbc-train.csv"), target: "benign")
let train = (x: (tumours.x - mean(tumours.x, axis: 0)) / std(tumours.x, axis: 0), y: tumours.y)

loss misfit(p, x[n, d], y[n]) {
  let s = x @ p.w + p.b
  mean(softplus(s) - y * s)
}

fn run(name, size) {
  var p = (w: zeros(30), b: 0)
  let report = descend p over (x, y) in data.batches(train, size, epochs: 5) using gd(lr: 0.05) {
    misfit(p, x, y)
  }
  let later = report.losses[report.steps // 2:]
  let result = (steps: report.steps, loss: misfit(p, train.x, train.y), noise: std(later))
  print("{name:12} {result.steps:5} steps   loss {result.loss:.3}   noise {result.noise:.2}")
  result
}

let batch = run("batch", len(train.x))
let mini = run("mini-batch", 32)
let stochastic = run("stochastic", 1)

# The same work, five looks at each row: smaller batches come further and shake more.
assert batch.steps == 5 and mini.steps == 60 and stochastic.steps == 5 * 369
assert stochastic.loss < mini.loss and mini.loss < batch.loss
assert stochastic.noise > mini.noise
