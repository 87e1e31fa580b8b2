let A = [[1, 2, 3], [4, 5, 6]]
print(A'.shape)   # expect: (3, 2)
print(A'[0])      # expect: [1, 4]
let B = zeros(2, 3, 4)
print(B'.shape)   # expect: (2, 4, 3)
print((A @ A')[0])  # expect: [14, 32]
