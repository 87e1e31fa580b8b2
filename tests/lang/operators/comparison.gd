print(1 < 2, 2 <= 2, 3 > 4, 4 >= 4)  # expect: true true false true
print(1 == 1.0)          # expect: true
print(nil == nil)        # expect: true
print(nil == false)      # expect: false
print(1 == "1")          # expect: false
print((1, 2) == (1, 2))  # expect: true
print((1, 2) == (1, 3))  # expect: false
print((1, 2) == (1, 2, 3))  # expect: false
print((a: 1) == (b: 1))  # expect: false
print((1, "x", nil) != (1, "x", nil))  # expect: false
print(() == ())          # expect: true
print((1, (2, 3)) == (1, (2, 3)))      # expect: true
