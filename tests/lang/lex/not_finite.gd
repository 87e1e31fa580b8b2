print(1 / 0)        # expect: inf
print(-1 / 0)       # expect: -inf
print(0 / 0 == 0 / 0)  # expect: false
let x = 0 / 0
print(x != x)       # expect: true
print(1 / 0 > 1e300)   # expect: true
