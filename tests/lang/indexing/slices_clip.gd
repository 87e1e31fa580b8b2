let x = [1, 2, 3]
print(x[1:100])    # expect: [2, 3]
print(x[-100:2])   # expect: [1, 2]
print(x[5:].shape) # expect: (0,)
print(x[2:1].shape)  # expect: (0,)
print(x[100::-1])  # expect: [3, 2, 1]
print(x[:-100].shape)  # expect: (0,)
