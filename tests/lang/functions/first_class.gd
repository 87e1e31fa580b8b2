fn twice(f, x) = f(f(x))
print(twice(x -> x * 3, 2))  # expect: 18
print(twice(sqrt, 16))       # expect: 2
let fs = (sin, cos, x -> x)
print(fs[1](0))              # expect: 1
let table = (inc: x -> x + 1)
print(table.inc(1))          # expect: 2
