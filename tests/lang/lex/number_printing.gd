# the shortest decimal that reads back, whole ones without a point
print(0.1)             # expect: 0.1
print(0.1 + 0.2)       # expect: 0.30000000000000004
print(1 / 3)           # expect: 0.3333333333333333
print(2 / 3)           # expect: 0.6666666666666666
print(4 / 2)           # expect: 2
print(1000000)         # expect: 1000000
print(123456789.125)   # expect: 123456789.125
print(2 ^ 53)          # expect: 9007199254740992
print(-1.5)            # expect: -1.5
print(100 * 1.1)       # expect: 110.00000000000001
print(0.5 as f64)      # expect: 0.5
