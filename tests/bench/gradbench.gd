# gradbench.gd: the gradients of GradBench's evaluations, least time of several runs, one a line:
#
#   llsq n=4096 gradient 0.00078        (seconds)
#
# The programs are those of examples/gradbench, the sizes those of the table in gradbench.sh.
use "../../examples/gradbench/llsq.gd" as llsq
use "../../examples/gradbench/lse.gd" as lse
use "../../examples/gradbench/ode.gd" as ode
use "../../examples/gradbench/det.gd" as det
use "../../examples/gradbench/gmm.gd" as gmm
use "../../examples/gradbench/lstm.gd" as lstm
use "../../examples/gradbench/ba.gd" as ba
seed(1)

## At least 3 runs and 0.15 s, and one that does not count.
fn least(f, v) {
  f(v)
  var best = time()
  var total = 0
  var runs = 0
  while runs < 3 or total < 0.15 {
    let start = time()
    let y = f(v)                          # held: what nobody holds is not computed
    let spent = time() - start
    best = min(best, spent)
    total += spent
    runs += 1
  }
  best
}

fn both(name, primal, gradient, v) {
  print("{name} primal {least(primal, v)}")
  print("{name} gradient {least(gradient, v)}")
}

for n in (16, 256, 4096) { both("llsq n={n}", llsq.primal, llsq.gradient, (x: uniform(128), n: n)) }
for n in (2500, 40_000, 640_000) { both("lse n={n}", lse.primal, lse.gradient, (x: uniform(n),)) }
for n in (100, 1000, 10_000) {
  for s in (10, 100) { both("ode n={n},s={s}", ode.primal, ode.gradient, (x: uniform(n), s: s)) }
}
for n in 5..10 { both("det {n}", det.primal, det.gradient, (A: normal(n * n), ell: n)) }
for (d, k) in ((2, 5), (2, 25), (10, 5), (10, 25), (32, 25)) {
  let v = (d: d, k: k, n: 1000, x: normal(1000, d), m: 0, gamma: 1, alpha: normal(k), mu: uniform(k, d),
           q: normal(k, d), l: normal(k, d * (d - 1) / 2))
  both("gmm {d}_{k}_1000", gmm.objective, gmm.jacobian, v)
}
for (l, c) in ((2, 1024), (4, 1024), (2, 4096)) {
  let v = (main_params: normal(2 * l, 56), extra_params: normal(3, 14), state: normal(2 * l, 14),
           sequence: bernoulli(0.5, c, 14) as f64)
  both("lstm l={l},c={c}", lstm.objective, lstm.jacobian, v)
}
let scene = (n: 49, m: 7776, p: 31_843, cam: normal(11), x: normal(3), w: 0.7, feat: normal(2))
both("ba ba1", ba.objective, ba.sparse_jacobian, scene)
