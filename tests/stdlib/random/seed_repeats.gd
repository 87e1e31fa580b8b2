seed(42)
let a = normal(5)
let b = uniform(3)
let c = permutation(10)
seed(42)
print(all(normal(5) == a))       # expect: true
print(all(uniform(3) == b))      # expect: true
print(all(permutation(10) == c)) # expect: true
print(all(normal(5) == a))       # expect: false
seed(43)
print(all(normal(5) == a))       # expect: false
