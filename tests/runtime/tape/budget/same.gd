# lists, tensors written by element, draws, printing, continue, inner loops: as with the whole recording, in both modes
# args: --tape-memory 200K
# timeout: 60
fn walk(a) {
  var w = a
  var kept = []
  var turns = 0
  var v = zeros(5)
  for i in 0..8000 {
    let e = normal()
    turns += 1
    v[i % 5] = v[i % 5] * 0.9 + w * e
    w = w * (1 + 1e-6 * e) + 1e-7 * sin(w)
    if i % 4000 == 5 {
      print("turn", i)
      kept = push(kept, w)
    }
    for j in 0..3 { w = w + 1e-9 * j * w }
    if i % 7 == 0 { continue }
    w = w * 1.000001
  }
  print(turns, len(kept))
  w + sum(v) + kept[0] * kept[-1]
}
seed(3)
let back = grad(walk)(1.3)
# expect: turn 5
# expect: turn 4005
# expect: 8000 2
let after = normal()
seed(3)
let (_, forth) = jvp(walk, 1.3, 1)
# expect: turn 5
# expect: turn 4005
# expect: 8000 2
print(after == normal())                  # expect: true
print(abs(back / forth - 1) < 1e-12)      # expect: true
