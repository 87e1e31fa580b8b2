print(-2 ^ 2)      # expect: -4
print((-2) ^ 2)    # expect: 4
print(2 ^ -1)      # expect: 0.5
print(2 ^ 3 ^ 2)   # expect: 512
print(2 * 3 ^ 2)   # expect: 18
print(-2 ^ -2)     # expect: -0.25
print(4 ^ 0.5)     # expect: 2
print(0 ^ 0)       # expect: 1
print((-8) ^ 3)    # expect: -512
let x = [1, 2, 3]
print(x ^ 2)       # expect: [1, 4, 9]
print(-x ^ 2)      # expect: [-1, -4, -9]
print(2 ^ x)       # expect: [2, 4, 8]
