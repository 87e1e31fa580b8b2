var s = 0
for i in 0..5 { s += i }
print(s)  # expect: 10
for i in 1..=3 { s += i }
print(s)  # expect: 16
for i in 3..3 { print("never") }
for i in 5..2 { print("never") }
let n = 2
for i in n - 1..n + 1 { print(i) }
# expect: 1
# expect: 2
