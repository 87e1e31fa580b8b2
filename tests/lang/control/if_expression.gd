let x = 3
let s = if x > 2 { "big" } else { "small" }
print(s)  # expect: big
let t = if x > 5 { 1 } else if x > 2 { 2 } else { 3 }
print(t)  # expect: 2
print(1 + (if x == 3 { 10 } else { 20 }))  # expect: 11
let n = if x > 5 { 1 }
print(n)  # expect: nil
