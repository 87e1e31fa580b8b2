var x = [1, 2]
let f = () -> x
x[0] = 9
print(f())  # expect: [1, 2]
print(x)    # expect: [9, 2]
var n = 1
let g = k -> k + n
n = 100
print(g(1))  # expect: 2
