fn f(x) { if x { 1 } else { 2 } }
print(f(true), f(false))  # expect: 1 2
for i in 0..2 { print(i) }
# expect: 0
# expect: 1
let g = x -> { x * 2 }
print(g(4))  # expect: 8
