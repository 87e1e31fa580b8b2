# timeout: 10
var s = 0
for i in 0..3_000_000 { s += i % 2 }
print(s)  # expect: 1500000
