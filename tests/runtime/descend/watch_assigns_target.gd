# watch may assign, also what is trained: the next step starts from there
var w = 8
let r = descend w using gd(lr: 0.25) for 4 { w ^ 2 } watch every 2 { w = 16 }
print(r.losses, w)          # expect: [64, 16, 256, 64] 16
var t = (a: 1, b: 2)
descend t.a, t.b using gd(lr: 0.5) for 2 { t.a ^ 2 + t.b ^ 2 } watch every 1 { t = (a: step, b: t.b + 1) }
print(t)                    # expect: (a: 2, b: 1)
