# clock.gd -- what the workloads share: how long they run, and the line of figures at the end.
#
# Each workload is a script as anybody would write it, with the sizes, data and optimiser of the PyTorch script of the
# same name in ../peers, and ends by checking that its loss fell. ../peers.sh runs the two in turn.
# SPDX-License-Identifier: MIT

## How long a training lasts, in seconds: the script's first argument.
let seconds = if len(args()) > 0 { number(args()[0]) } else { 3 }

fn middle(xs) = sorted(xs)[len(xs) // 2]

## Prints the figures of steps that ended at the times `ends`: the median step of the best of six rounds, as the peers do.
fn report(name, ends) {
  let all = ((ends[i + 1] - ends[i]) * 1000 for i in 0..len(ends) - 1)
  let warm = if len(all) > 20 { all[len(all) // 10:] } else { all[1:] }
  let rounds = min(6, max(1, len(warm) // 5))
  let size = len(warm) // rounds
  let best = fold((least, k) -> min(least, middle(warm[k * size:(k + 1) * size])), 1e30, 0..rounds)
  print(json_text((workload: name, tool: "descent", median_ms: best, all_median_ms: middle(warm), min_ms: sorted(warm)[0],
                   steps: len(warm))))
}

## Runs something without an own loop again and again for some seconds, `unit` times between two looks at the clock; its
## result is asked for each time.
fn repeat(name, run, unit: 1, share: 1) {
  for _ in 0..3 { run() }
  let start = time()
  var took = ()
  while time() - start < seconds * share or len(took) < 6 {
    let from = time()
    for _ in 0..unit { run() }
    took = push(took, (time() - from) * 1000 / unit)
  }
  let rounds = min(6, len(took))
  let size = len(took) // rounds
  let best = fold((least, k) -> min(least, middle(took[k * size:(k + 1) * size])), 1e30, 0..rounds)
  print(json_text((workload: name, tool: "descent", median_ms: best, all_median_ms: middle(took), min_ms: sorted(took)[0],
                   steps: len(took) * unit)))
}

## The losses of the last steps lie below those of the first.
fn falls(losses, n: 8) {
  let first = mean(losses[:n])
  let last = mean(losses[-n:])
  assert last < first, "the loss went from {first} to {last}"
}
