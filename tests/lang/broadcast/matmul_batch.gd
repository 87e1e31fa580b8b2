print((zeros(5, 2, 3) @ zeros(3, 4)).shape)     # expect: (5, 2, 4)
print((zeros(5, 2, 3) @ zeros(5, 3, 4)).shape)  # expect: (5, 2, 4)
print((zeros(2, 3) @ zeros(3)).shape)           # expect: (2,)
print((zeros(3) @ zeros(3, 4)).shape)           # expect: (4,)
print(type([1, 2] @ [3, 4]), [1, 2] @ [3, 4])   # expect: number 11
