# `until` is looked at after each accepted step, `for` caps: whichever comes first ends it and is named
var a = 8
let r = descend a using gd(lr: 0.25) for 10 until loss < 10 { a ^ 2 }
print(r.steps, r.why, a)            # expect: 3 until 1
var b = 8
let q = descend b using gd(lr: 0.25) for 2 until loss < 10 { b ^ 2 }
print(q.steps, q.why, b)            # expect: 2 for 2
var c = 8
let p = descend c using gd(lr: 0.25) until gnorm < 5 or step == 7 { c ^ 2 }
print(p.steps, p.why, p.gnorm)      # expect: 3 until 4
var d = 8
print(try { descend d using gd(lr: 0.25) until 1 { d ^ 2 } } catch e { e.code })   # expect: E0205
print(d)                            # expect: 4
