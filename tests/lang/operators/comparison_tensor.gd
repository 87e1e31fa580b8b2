let x = [1, 2, 3]
print(x == [1, 0, 3])   # expect: [true, false, true]
print(x < 2)            # expect: [true, false, false]
print(2 <= x)           # expect: [false, true, true]
print(x != 2)           # expect: [true, false, true]
print(x >= [3, 2, 1])   # expect: [false, true, true]
print(all(x == x))      # expect: true
print(x == "a")         # expect: false
