var x = range(0, 6)
x[1:3] = [10, 20]
print(x)  # expect: [0, 10, 20, 3, 4, 5]
x[::2] = 0
print(x)  # expect: [0, 10, 0, 3, 0, 5]
x[::-1] = range(0, 6)
print(x)  # expect: [5, 4, 3, 2, 1, 0]
x[4:1:-1] = [7, 8, 9]
print(x)  # expect: [5, 4, 9, 8, 7, 0]
x[2..4] = 1
print(x)  # expect: [5, 4, 1, 1, 7, 0]
x[10:20] = 5
print(x)  # expect: [5, 4, 1, 1, 7, 0]
