# :.4 four significant digits, :.3f three decimals
let x = 3.14159265
print("{x:.4}")        # expect: 3.142
print("{x:.3f}")       # expect: 3.142
print("{x:.1f}")       # expect: 3.1
print("{x * 100:.4}")  # expect: 314.2
print("{2:.3f}")       # expect: 2.000
print("{-x:.2f}")      # expect: -3.14
print("{0.00123456:.3}")  # expect: 0.00123
print("{x + 1:.0f}")   # expect: 4
