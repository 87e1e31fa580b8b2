seed(4)
let p = permutation(100)
print(sum(p))                          # expect: 4950
print(all(sort(p) == range(0, 100)))   # expect: true
print(all(p == range(0, 100)))         # expect: false
print(len(permutation(0)), permutation(1))  # expect: 0 [0]
