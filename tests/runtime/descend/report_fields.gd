# steps losses loss gnorm seconds why; loss and gnorm are those of the last step
var w = 4
let r = descend w using gd(lr: 0.25) for 3 { w ^ 2 }
print(keys(r))                          # expect: ("steps", "loss", "losses", "gnorm", "seconds", "why")
print(r.steps, r.loss, r.losses, r.gnorm, r.why, r.seconds >= 0)   # expect: 3 1 [16, 4, 1] 2 for true
var v = (a: 3, b: [0, 4])
let q = descend v using gd(lr: 0.5) for 1 { 0.5 * (v.a ^ 2 + sum(v.b ^ 2)) }
print(q.gnorm, q.loss)                  # expect: 5 12.5
var u = [2, 3]
let p = descend u using lm() for 1 { u - 1 }
print(p.losses)                         # expect~ [0] 1e-3
