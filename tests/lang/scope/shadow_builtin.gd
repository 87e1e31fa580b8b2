# a script's definition shadows a built-in
fn sum(x) = "mine"
print(sum([1, 2]))  # expect: mine
let pi = 3
print(pi)           # expect: 3
print(mean([1, 2])) # expect: 1.5
