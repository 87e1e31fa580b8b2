let sq = x -> x ^ 2
let add = (x, y) -> x + y
let zero = () -> 0
let block = x -> { let y = x + 1; y * 2 }
print(sq(3), add(1, 2), zero(), block(1))  # expect: 9 3 0 4
let curried = a -> b -> a * b
print(curried(3)(4))  # expect: 12
print(((a, b) -> a - b)(5, 3))  # expect: 2
let dflt = (x, k: 2) -> x * k
print(dflt(3), dflt(3, k: 5))  # expect: 6 15
