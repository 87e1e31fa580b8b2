# a method that was taken from its model no longer knows the names of its parameters
model M() { param w = 3; fn scaled(x, k: 2) = w * x * k }
let m = M()
let f = m.scaled
print(f(1), f(1, 5), m.scaled(1, k: 5))          # expect: 6 15 15
print(try { f(1, k: 5) } catch e { e.code })     # expect: E0204
