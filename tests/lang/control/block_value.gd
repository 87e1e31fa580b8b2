let a = { let b = 2; b * 3 }
print(a)  # expect: 6
let c = { let d = 1 }
print(c)  # expect: nil
let e = { for i in 0..2 { } }
print(e)  # expect: nil
var v = 0
let g = { v = 3 }
print(g, v)  # expect: nil 3
let h = { if true { 5 } }
print(h)  # expect: nil
let k = { }
print(k)  # expect: nil
