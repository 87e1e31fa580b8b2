# split of a tensor into equal parts
let parts = split([1, 2, 3, 4], 2)
print(len(parts))  # expect: 2
print(parts[0])  # expect: [1, 2]
print(parts[1])  # expect: [3, 4]
