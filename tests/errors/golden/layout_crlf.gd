let x = [1, 2]
let y = x * 2
print(y[2])
