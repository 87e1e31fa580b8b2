# floats with whole values serve as indices
let x = [1, 2, 3]
let i = 4 / 2
print(x[i])      # expect: 3
print(x[x - 1])  # expect: [1, 2, 3]
