let i = 100
print([i for i in 0..3])  # expect: [0, 1, 2]
print(i)                  # expect: 100
print([[i + j for j in 0..2] for i in 0..2][1])  # expect: [1, 2]
print((sum(k * i for k in 0..3) for i in 0..3))  # expect: (0, 3, 6)
