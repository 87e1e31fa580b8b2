let A = [[1, 2, 3], [4, 5, 6]]
print((A + [10, 20, 30])[1])       # expect: [14, 25, 36]
print((A * [[2], [3]])[1])         # expect: [12, 15, 18]
print((A + 1)[0])                  # expect: [2, 3, 4]
print(([[1], [2]] - [[1, 2, 3]]).shape)  # expect: (2, 3)
print(([1] + [1, 2, 3]))           # expect: [2, 3, 4]
