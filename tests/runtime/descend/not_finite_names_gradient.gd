# a finite loss with an infinite gradient: the operation on the way back is named, the target is as before
var w = [0, 4]
let e1 = try { descend w using gd(lr: 0.1) for 3 { sum(sqrt(w)) } } catch e { e }
print(e1.code, e1.line, has(e1.message, "gradient"), has(e1.message, "sqrt"))    # expect: E0311 3 true true
print(w)                                                                       # expect: [0, 4]
var v = 3
let e2 = try {
  descend v using gd(lr: 1) for 10 {
    let a = v - 1
    let b = log(a)
    b * 2 + v
  }
} catch e { e }
print(e2.code, e2.line, has(e2.message, "log"))                                # expect: E0311 10 true
print(v > 0)                                                                   # expect: true
