# a draw takes its counter when the program reaches it, not when it is looked at
seed(6)
let a = normal(3)
let b = normal(3)
seed(6)
let a2 = normal(3)
let b2 = normal(3)
print(all(b2 == b))  # expect: true
print(all(a2 == a))  # expect: true
