print(1 + 2 * 3)         # expect: 7
print((1 + 2) * 3)       # expect: 9
print(2 + 3 - 4)         # expect: 1
print(10 - 3 - 2)        # expect: 5
print(100 / 10 / 2)      # expect: 5
print(2 * 3 % 4)         # expect: 2
print(1 + 1 == 2)        # expect: true
print(true or false and false)  # expect: true
print(not false and false)      # expect: false
print(not 1 == 2)        # expect: true
print(len(0..1 + 2))     # expect: 3
