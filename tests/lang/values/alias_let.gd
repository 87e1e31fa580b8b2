var x = [1, 2, 3]
let y = x
x[0] = 9
print(x)  # expect: [9, 2, 3]
print(y)  # expect: [1, 2, 3]
var z = x
z[1] = 8
print(x)  # expect: [9, 2, 3]
print(z)  # expect: [9, 8, 3]
