# looked at after each accepted step
var w = 8
let r = descend w using gd(lr: 0.25) until w < 1 { w ^ 2 }
print(w, r.steps)        # expect: 0.5 4
var u = 1
let q = descend u using gd(lr: 0.1) for 100 until step >= 7 { u ^ 2 }
print(q.steps)           # expect: 7
var v = 10
descend v using gd(lr: 0.1) for 10_000 until gnorm < 1e-3 { v ^ 2 }
print(abs(v) < 1e-2)     # expect: true
