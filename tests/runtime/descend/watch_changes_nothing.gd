# watching a constrained parameter leaves the training the same to the last bit
model P() { param s > 0 = 1 }
var a = P()
var b = P()
var c = P()
descend a using gd(lr: 0.1) for 50 { (a.s - 3) ^ 2 }
descend b using gd(lr: 0.1) for 50 { (b.s - 3) ^ 2 } watch every 1 { let z = b.s }
print(a.s == b.s)           # expect: true
descend c using gd(lr: 0.1) for 1 { (c.s - 3) ^ 2 } watch every 1 { c.s = 5 }
print(c.s)                  # expect~ 5 1e-12
