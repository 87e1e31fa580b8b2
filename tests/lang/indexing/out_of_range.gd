let x = [1, 2, 3]
print(x[-3])  # expect: 1
print(x[3])   # expect error: E0211: 3
